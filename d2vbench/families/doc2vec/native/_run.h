/* What a run of the kernel works on: the model's arrays, the documents, one worker's own memory. */
#ifndef D2V_RUN_H
#define D2V_RUN_H

#include "_memory.h"
#include "_negatives.h"
#include "_random.h"

#define D2V_MAX_WORDS 10000  /* gensim's MAX_DOCUMENT_LEN: effective words of one document */
#define D2V_WORD_BUFFER 40000
#define D2V_RUN_LENGTH 6     /* targets whose dot products are taken together */
#define D2V_RING 64          /* steps prepared ahead; a power of two */
#define D2V_PLACES 8         /* the ring's stride, from one step's targets to the next, is a multiple of it */
#define D2V_STRIDE(negative) (((size_t)(negative) + D2V_PLACES) & ~(size_t)(D2V_PLACES - 1))
#define D2V_NEW_RUN UINT32_C(0x80000000)
#define D2V_LAST UINT32_C(0x80000000) /* in `reduced`: the last word of a sentence */
#define D2V_SIGMOID_SIZE 1000
#define D2V_NEAR 128         /* floats of a row that are fetched; the processor follows from there */
#define D2V_LEAP 5           /* draws computed from one state */

/* D2V_CBOW is word2vec: sentences in place of documents, and no vectors of theirs. */
enum { D2V_DBOW = 0, D2V_DBOW_WORDS = 1, D2V_DM = 2, D2V_DM_CONCAT = 3, D2V_CBOW = 4 };

typedef struct {
    float *words;   /* (n_words, size)         model.wv.vectors */
    float *docs;    /* (n_rows, size)          model.dv.vectors, or the vectors being inferred */
    float *outputs; /* (n_words, layer1_size)  model.syn1neg */
    int64_t n_words, size, layer1_size;
    /* Copies of the first `hot` rows, each on a cache line of its own; see d2v_word_row. */
    float *hot_words, *hot_outputs;
    int64_t hot, size_stride, layer1_stride;
    int kind, mean, window, shrink_windows, negative;
    int learn_docs, learn_words, learn_outputs;
    const uint32_t *sample_int; /* (n_words,) or NULL: no subsampling */
    uint32_t null_word;         /* padding word of dm-concat */
    d2v_negatives negatives;
    uint64_t leap_times[D2V_LEAP + 1], leap_plus[D2V_LEAP + 1]; /* k steps of the LCG at once */
    const float *sigmoid; /* (D2V_SIGMOID_SIZE,) */
} d2v_model;

/* Presentations p = begin .. end - 1: document order[p], trained onto row rows[p] `passes` times. */
typedef struct {
    const uint32_t *tokens;
    const int64_t *offsets, *order, *rows;
    const float *alphas;   /* by presentation, or by pass when alpha_by_pass */
    const uint32_t *seeds; /* NULL, or by presentation: restart the stream at each */
    int64_t passes;
    int alpha_by_pass;
} d2v_corpus;

/* One unit of training: an input, its targets and how to learn from them. */
typedef struct {
    float *input;       /* dbow, dbow-words: the word's row, or the document's */
    float alpha;
    int32_t n_targets;
    int8_t plain;       /* six targets that all differ */
    int8_t first, last; /* the document's first step, its last */
    int8_t is_word;     /* dbow-words: the input is a word vector */
    int8_t fresh;       /* the step before had another centre word */
    int32_t begin, end; /* window in the word buffer */
    int32_t enters;     /* the word that the widest window takes in next, or -1 */
    int32_t centre;     /* position in the word buffer */
    int32_t pad_left, pad_right; /* dm-concat: padding words on either side */
} d2v_step;

typedef struct {
    const d2v_model *model;
    const d2v_corpus *corpus;
    d2v_words32 source;
    d2v_mt19937 mt; /* used as `source` when streams are restarted */

    /* The generator: where it stands. */
    int64_t next, end, pass;
    uint64_t lcg;
    float alpha;
    float *row;
    int32_t doc_begin, doc_end, position; /* in `words` */
    int32_t pair;                         /* dbow-words: next context word, or -1 */
    int32_t words_used;
    uint32_t *words;   /* (D2V_WORD_BUFFER,) effective words of the documents under way */
    uint32_t *reduced; /* (D2V_WORD_BUFFER,) reduced windows; in CBOW with D2V_LAST */

    /* The ring of steps between generator and loops. */
    uint64_t head, tail, ahead; /* rows are fetched `ahead` steps before they are read */
    d2v_step *steps;   /* (D2V_RING,) */
    uint32_t *targets; /* (D2V_RING, stride): the word, then draws, later the words that they fall on, where
                        * D2V_NEW_RUN marks the first of a run */
    uint32_t *near;    /* (D2V_RING, stride) where their searches begin */
    float **rows;      /* (D2V_RING, stride) rows of the targets */

    /* The loops' scratch. */
    float *neu1, *work;  /* (layer1_size,) each */
    float *doc;          /* (size,) the document's vector while its steps run */
    float **context;     /* (context_size,) rows of a window */

    int64_t effective, raw; /* counted as gensim counts them */
} d2v_worker;

static void d2v_leaps(d2v_model *m)
{
    int k;
    m->leap_times[0] = 1;
    m->leap_plus[0] = 0;
    for (k = 0; k < D2V_LEAP; k++) {
        m->leap_times[k + 1] = m->leap_times[k] * D2V_LCG_TIMES;
        m->leap_plus[k + 1] = m->leap_plus[k] * D2V_LCG_TIMES + D2V_LCG_PLUS;
    }
}

/* Where a word's vector, or its output weights, are. gensim's rows follow one another without a gap,
 * so that a row of 100 floats begins anywhere in a cache line and most loads and stores of a register's width cross two.
 * The rows that are used most are copied onto lines of their own while a run lasts. */
static inline float *d2v_word_row(const d2v_model *m, uint32_t word)
{
    const int hot = (int64_t)word < m->hot; /* no branch: it would be mispredicted */
    return (hot ? m->hot_words : m->words) + (size_t)word * (size_t)(hot ? m->size_stride : m->size);
}

static inline float *d2v_output_row(const d2v_model *m, uint32_t word)
{
    const int hot = (int64_t)word < m->hot;
    return (hot ? m->hot_outputs : m->outputs) +
           (size_t)word * (size_t)(hot ? m->layer1_stride : m->layer1_size);
}

static inline uint64_t d2v_context_size(const d2v_model *m)
{
    int64_t words = 2 * (int64_t)m->window;
    if (m->kind != D2V_DM_CONCAT && words > D2V_MAX_WORDS)
        words = D2V_MAX_WORDS;
    return (uint64_t)words + 1;
}

#endif
