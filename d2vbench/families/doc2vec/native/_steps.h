/* The generator: which vectors meet, in gensim's order, ahead of the arithmetic.
 *
 * Nothing that is drawn depends on what is learnt, so steps are prepared well before they run and
 * their rows can be fetched in the meantime. Order of draws within a document, as in gensim:
 * two randints (the 48-bit seed), subsampling, reduced windows, then negatives position by position.
 */
#ifndef D2V_STEPS_H
#define D2V_STEPS_H

#include <string.h>

#include "_run.h"

static void d2v_start(d2v_worker *w, int64_t begin, int64_t end)
{
    w->next = begin;
    w->end = end;
    w->pass = 0;
    w->doc_begin = w->doc_end = w->position = w->words_used = 0;
    w->pair = -1;
    w->head = w->tail = 0;
}

/* The 48-bit seed of what is drawn within a document, or within a job of CBOW. */
static inline void d2v_reseed(d2v_worker *w)
{
    const uint32_t high = d2v_randint(&w->source, UINT32_C(1) << 24);
    w->lcg = ((uint64_t)high << 24) + d2v_randint(&w->source, UINT32_C(1) << 24);
}

/* Whether the word buffer has room for as many words as may come. */
static inline int d2v_room(d2v_worker *w)
{
    if (w->words_used + D2V_MAX_WORDS > D2V_WORD_BUFFER) {
        if (w->head != w->tail)
            return 0; /* steps under way still read the buffer */
        w->words_used = 0;
    }
    return 1;
}

/* The words of a document that survive subsampling, after the `n` that there are. Returns how many there are then. */
static inline uint32_t d2v_sampled(d2v_worker *w, int64_t d, uint32_t *words, uint32_t n)
{
    const d2v_model *m = w->model;
    const uint32_t *token = w->corpus->tokens + w->corpus->offsets[d];
    const uint32_t *stop = w->corpus->tokens + w->corpus->offsets[d + 1];
    w->raw += stop - token;
    if (m->sample_int) {
        for (; token < stop && n < D2V_MAX_WORDS; token++) {
            uint32_t word = *token;
            if (word >= m->n_words)
                continue; /* out of vocabulary: draws nothing */
            words[n] = word;
            n += m->sample_int[word] >= d2v_lcg_next(&w->lcg);
        }
    } else {
        for (; token < stop && n < D2V_MAX_WORDS; token++) {
            words[n] = *token;
            n += *token < m->n_words;
        }
    }
    return n;
}

/* The next sentence of CBOW. gensim draws the words and windows of a whole job before the first negative; a run is
 * one job here. Returns 0 when there is none, or no room yet. */
static int d2v_next_sentence(d2v_worker *w)
{
    const d2v_model *m = w->model;
    const d2v_corpus *c = w->corpus;
    if (w->doc_end == w->words_used) { /* no sentence is left of a job */
        uint32_t *words, *reduced, n = 0, i;
        if (w->next >= w->end || !d2v_room(w))
            return 0;
        d2v_reseed(w);
        w->alpha = c->alphas[w->next];
        words = w->words + w->words_used;
        reduced = w->reduced + w->words_used;
        memset(reduced, 0, D2V_MAX_WORDS * sizeof(uint32_t));
        for (; w->next < w->end && n < D2V_MAX_WORDS; w->next++) {
            n = d2v_sampled(w, c->order[w->next], words, n);
            if (n)
                reduced[n - 1] = D2V_LAST;
        }
        w->next = w->end;
        if (m->shrink_windows)
            for (i = 0; i < n; i++)
                reduced[i] |= d2v_randint(&w->source, (uint32_t)m->window);
        w->effective += (int64_t)n;
        w->doc_end = w->words_used;
        w->words_used += (int32_t)n;
        if (!n)
            return 0;
    }
    w->doc_begin = w->position = w->doc_end;
    while (!(w->reduced[w->doc_end++] & D2V_LAST))
        ;
    return 1;
}

/* Draw one document's seed, words and windows. Returns 0 when there is none, or no room yet. */
static int d2v_next_document(d2v_worker *w)
{
    const d2v_model *m = w->model;
    const d2v_corpus *c = w->corpus;
    uint32_t n, i;

    if (w->next >= w->end || !d2v_room(w))
        return 0;
    if (c->seeds && w->pass == 0)
        d2v_mt_seed(&w->mt, c->seeds[w->next]);
    d2v_reseed(w);
    n = d2v_sampled(w, c->order[w->next], w->words + w->words_used, 0);
    if (m->kind == D2V_DBOW_WORDS || m->kind == D2V_DM) {
        uint32_t *reduced = w->reduced + w->words_used;
        for (i = 0; i < n; i++)
            reduced[i] = m->shrink_windows ? d2v_randint(&w->source, (uint32_t)m->window) : 0;
    }
    w->effective += (int64_t)n + 1; /* gensim counts the tag as a word */
    w->alpha = c->alphas[c->alpha_by_pass ? w->pass : w->next];
    w->row = m->docs + (size_t)c->rows[w->next] * (size_t)m->size;
    w->doc_begin = w->position = w->words_used;
    w->doc_end = w->words_used += (int32_t)n;
    w->pair = -1;
    if (++w->pass == c->passes) {
        w->pass = 0;
        w->next++;
    }
    return 1;
}

/* Take out negatives equal to the word, and begin a new run where a row comes a second time, so that
 * within a run all rows differ. `targets` holds the word and the negatives. */
static int32_t d2v_separate(uint32_t *targets, int count)
{
    uint32_t run[D2V_RUN_LENGTH];
    const uint32_t word = targets[0];
    int n_run = 1, d, k;
    int32_t n = 1;
    run[0] = word;
    for (d = 1; d < count; d++) {
        uint32_t target = targets[d], mark = 0;
        if (target == word)
            continue;
        for (k = 0; k < n_run; k++)
            mark |= target == run[k];
        if (mark || n_run == D2V_RUN_LENGTH) {
            mark = D2V_NEW_RUN;
            n_run = 0;
        }
        run[n_run++] = target;
        targets[n++] = target | mark;
    }
    return n;
}

/* The usual case of one run without equal rows, told without branches. */
static inline int d2v_all_differ(const uint32_t *t)
{
#ifdef D2V_SHUFFLES
    /* Fifteen pairs: the first four words against themselves turned by one and by two, and against
     * the other two. */
    typedef uint32_t four __attribute__((vector_size(16)));
    typedef int64_t two __attribute__((vector_size(16)));
    four x, y = {t[4], t[4], t[4], t[4]}, z = {t[5], t[5], t[5], t[5]};
    two same;
    memcpy(&x, t, sizeof x);
    same = (two)(x == __builtin_shufflevector(x, x, 1, 2, 3, 0)) |
           (two)(x == __builtin_shufflevector(x, x, 2, 3, 0, 1)) | (two)(x == y) | (two)(x == z);
    return !((same[0] | same[1]) | (t[4] == t[5]));
#else
    int a, b;
    uint32_t same = 0;
    for (a = 0; a < D2V_RUN_LENGTH; a++)
        for (b = a + 1; b < D2V_RUN_LENGTH; b++)
            same |= t[a] == t[b];
    return !same;
#endif
}

/* One step into the ring: its word and its draws. The draws of one step are computed from the
 * same state by powers of the generator's step, not one from the other: five multiplications at the
 * same time instead of five in turn. The state may exceed 48 bits; only bits 16 to 47 are drawn, and
 * no higher bit ever reaches them. */
static D2V_ALWAYS uint64_t d2v_put(d2v_worker *w, uint64_t slot, uint32_t word, uint64_t lcg,
                                   const int negative)
{
    const d2v_model *m = w->model;
    uint32_t *targets = w->targets + slot * D2V_STRIDE(negative);
    int d;
    targets[0] = word;
    for (d = 1; d + D2V_LEAP <= negative + 1; d += D2V_LEAP) {
        int k;
        for (k = 0; k < D2V_LEAP; k++)
            targets[d + k] = (uint32_t)((lcg * m->leap_times[k] + m->leap_plus[k]) >> 16);
        lcg = lcg * m->leap_times[D2V_LEAP] + m->leap_plus[D2V_LEAP];
    }
    for (; d <= negative; d++)
        targets[d] = d2v_lcg_next(&lcg);
    return lcg;
}

/* d2v_emit for a kind and a number of negatives, both constants where they are the usual ones. */
static D2V_ALWAYS void d2v_emit_of(d2v_worker *w, const int kind, const int negative)
{
    const d2v_model *m = w->model;
    const int32_t window = m->window;
    while (w->head - w->tail < D2V_RING) {
        uint64_t head = w->head, lcg = w->lcg;
        const uint64_t full = w->tail + D2V_RING;
        float *const row = w->row;
        const float alpha = w->alpha;
        const int32_t doc_begin = w->doc_begin, doc_end = w->doc_end;
        int32_t i = w->position, pair = w->pair;
        if (i == doc_end) {
            if (!(kind == D2V_CBOW ? d2v_next_sentence(w) : d2v_next_document(w)))
                return;
            continue;
        }
        for (; i < doc_end && head < full; i++) {
            const uint32_t word = w->words[i];
            const int32_t half = kind == D2V_DM || kind == D2V_DBOW_WORDS || kind == D2V_CBOW
                                     ? window - (int32_t)(w->reduced[i] & ~D2V_LAST)
                                     : window;
            const int32_t begin = i - half < doc_begin ? doc_begin : i - half;
            const int32_t end = i + half + 1 > doc_end ? doc_end : i + half + 1;
            d2v_step *s;
            int fresh = 1;
            if (kind == D2V_DBOW_WORDS) { /* a step for each context word, then the document's */
                if (pair < 0)
                    pair = begin;
                else
                    fresh = 0;
                for (; pair < end && head < full; pair++) {
                    const uint64_t slot = head & (D2V_RING - 1);
                    if (pair == i)
                        continue;
                    s = w->steps + slot;
                    s->input = d2v_word_row(m, w->words[pair]);
                    s->alpha = alpha;
                    s->is_word = 1;
                    s->fresh = (int16_t)fresh;
                    lcg = d2v_put(w, slot, word, lcg, negative);
                    fresh = 0;
                    head++;
                }
                if (head == full)
                    break;
                pair = -1;
            }
            s = w->steps + (head & (D2V_RING - 1));
            s->input = row;
            s->alpha = alpha;
            s->is_word = 0;
            s->fresh = (int16_t)fresh;
            s->first = kind != D2V_CBOW && i == doc_begin; /* a sentence has no row to take and put back */
            s->last = kind != D2V_CBOW && i + 1 == doc_end;
            if (kind == D2V_DM || kind == D2V_DM_CONCAT || kind == D2V_CBOW) {
                s->begin = begin;
                s->end = end;
                s->enters = i + window < doc_end ? i + window : -1;
                s->centre = i;
                s->pad_left = begin - (i - half);
                s->pad_right = i + half + 1 - end;
            }
            lcg = d2v_put(w, head & (D2V_RING - 1), word, lcg, negative);
            head++;
        }
        w->position = i;
        w->pair = pair;
        w->lcg = lcg;
        w->head = head;
    }
}

/* Fill the ring as far as it goes; targets are still to be looked up. */
static void d2v_emit(d2v_worker *w)
{
    const int kind = w->model->kind, negative = w->model->negative;
    if (kind == D2V_DBOW && negative == 5)
        d2v_emit_of(w, D2V_DBOW, 5);
    else if (negative == 5)
        d2v_emit_of(w, kind, 5);
    else
        d2v_emit_of(w, kind, negative);
}

/* The targets of a step in the ring. */
typedef struct {
    float *const *rows, *const *soon; /* of this step, of the one to fetch */
    const uint32_t *words; /* with D2V_NEW_RUN */
} d2v_targets;

static inline d2v_targets d2v_targets_of(const d2v_worker *w, uint64_t which)
{
    const size_t stride = D2V_STRIDE(w->model->negative);
    const size_t at = (size_t)(which & (D2V_RING - 1)) * stride;
    d2v_targets t;
    t.rows = w->rows + at;
    t.soon = w->rows + (size_t)((which + w->ahead) & (D2V_RING - 1)) * stride;
    t.words = w->targets + at;
    return t;
}

#endif
