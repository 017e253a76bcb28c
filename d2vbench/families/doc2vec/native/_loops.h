/* The training loops, included once per variant (D2V_NAME, D2V_INLINE, D2V_FUNCTION given).
 *
 * A step is: the input (a document or word row, or a window's sum, mean or concatenation), dot
 * products with a run of target rows, one look-up of the sigmoid each, then rows and input updated.
 * gensim takes target after target; taking a run together gives the same, since the input stays as
 * it is within a step and no row comes twice in a run.
 *
 * Everything is inlined into one function per model and common vector size, so that the compiler
 * knows the size and unrolls; any other size takes the same code with the size a variable.
 */

/* Sixes, threes and ones cover every count; a constant count keeps the sums in registers. */
static D2V_INLINE void D2V_NAME(dots_of)(const float *x, float *const *rows, const int count,
                                         const int64_t n, float *f)
{
    int t = 0;
    if (count == D2V_RUN_LENGTH) {
        D2V_NAME(dots)(x, rows, D2V_RUN_LENGTH, n, f);
        return;
    }
    for (; t + 3 <= count; t += 3)
        D2V_NAME(dots)(x, rows + t, 3, n, f + t);
    for (; t < count; t++)
        D2V_NAME(dots)(x, rows + t, 1, n, f + t);
}

/* The same for the updates; the error of all of them is in `error` at the end. */
static D2V_INLINE void D2V_NAME(update_of)(float *x, float *const *rows, const float *g,
                                           const int count, const int64_t n, float *error,
                                           int add, const int learn)
{
    int t = 0;
    if (count == D2V_RUN_LENGTH && !add) {
        D2V_NAME(update)(x, rows, g, D2V_RUN_LENGTH, n, error, 0, learn, 0);
        return;
    }
    for (; t + 3 <= count; t += 3, add = 1) {
        if (add)
            D2V_NAME(update)(x, rows + t, g + t, 3, n, error, 1, learn, 0);
        else
            D2V_NAME(update)(x, rows + t, g + t, 3, n, error, 0, learn, 0);
    }
    for (; t < count; t++, add = 1) {
        if (add)
            D2V_NAME(update)(x, rows + t, g + t, 1, n, error, 1, learn, 0);
        else
            D2V_NAME(update)(x, rows + t, g + t, 1, n, error, 0, learn, 0);
    }
}

/* Gradients of a run of scores: (label - sigmoid) * alpha. 83 is gensim's 1000 / 6 / 2 in whole
 * numbers, and the product is a double there too. */
static D2V_INLINE float D2V_NAME(gradient)(const d2v_model *m, float f, float label, float alpha)
{
    return (label - m->sigmoid[(int)(((double)f + 6.0) * 83.0)]) * alpha;
}

static D2V_INLINE int D2V_NAME(gradients)(const d2v_model *m, const float *f, float **rows,
                                          float *g, const int count, const float label,
                                          const float alpha)
{
    int t, kept = 0, out = 0;
#if D2V_VECTORS
    if (count == D2V_RUN_LENGTH) { /* f has room for eight, of which all are set */
        d2v_vector4 a, b;
        d2v_ints4 at[2];
        d2v_longs2 in;
        memcpy(&a, f, sizeof a);
        memcpy(&b, f + 4, sizeof b);
        in = (d2v_longs2)((a > -6.0f) & (a < 6.0f) & (b > -6.0f) & (b < 6.0f));
        if ((in[0] & in[1]) == -1) {
            at[0] = __builtin_convertvector(
                (__builtin_convertvector(a, d2v_doubles4) + 6.0) * 83.0, d2v_ints4);
            at[1] = __builtin_convertvector(
                (__builtin_convertvector(b, d2v_doubles4) + 6.0) * 83.0, d2v_ints4);
            g[0] = (label - m->sigmoid[at[0][0]]) * alpha;
            for (t = 1; t < D2V_RUN_LENGTH; t++)
                g[t] = (0.0f - m->sigmoid[at[t / 4][t % 4]]) * alpha;
            return count;
        }
    }
#endif
    for (t = 0; t < count; t++) /* NaN counts as outside */
        out |= !(f[t] > -6.0f) | !(f[t] < 6.0f);
    if (!out) {
        g[0] = D2V_NAME(gradient)(m, f[0], label, alpha);
        for (t = 1; t < count; t++)
            g[t] = D2V_NAME(gradient)(m, f[t], 0.0f, alpha);
        return count;
    }
    for (t = 0; t < count; t++) { /* leave out what the table does not cover, as gensim does */
        if (!(f[t] > -6.0f && f[t] < 6.0f))
            continue;
        rows[kept] = rows[t];
        g[kept++] = D2V_NAME(gradient)(m, f[t], t == 0 ? label : 0.0f, alpha);
    }
    return kept;
}

/* Learn one input's targets. The error goes onto the input itself (`onto_input`), or into
 * w->work, of which the first `n_error` entries are wanted. */
static D2V_INLINE void D2V_NAME(learn)(d2v_worker *w, float *input, const d2v_step *s,
                                       const d2v_targets *targets, const int64_t n,
                                       const int64_t n_error, const int onto_input)
{
    const d2v_model *m = w->model;
    const int learn_outputs = m->learn_outputs;
    float *error = w->work;
    float *rows[D2V_RUN_LENGTH];
    float f[8], g[D2V_RUN_LENGTH];
    int done = 0, started = 0, kept, t;

    if (s->plain) {
        for (t = 0; t < D2V_RUN_LENGTH; t++)
            rows[t] = targets->rows[t];
        D2V_NAME(dots)(input, rows, D2V_RUN_LENGTH, n, f);
        kept = D2V_NAME(gradients)(m, f, rows, g, D2V_RUN_LENGTH, 1.0f, s->alpha);
        if (onto_input && kept == D2V_RUN_LENGTH) {
            if (learn_outputs)
                D2V_NAME(update)(input, rows, g, D2V_RUN_LENGTH, n, error, 0, 1, 1);
            else
                D2V_NAME(update)(input, rows, g, D2V_RUN_LENGTH, n, error, 0, 0, 1);
            return;
        }
        if (learn_outputs)
            D2V_NAME(update_of)(input, rows, g, kept, n, error, 0, 1);
        else
            D2V_NAME(update_of)(input, rows, g, kept, n_error, error, 0, 0);
        started = kept > 0;
    } else {
        while (done < s->n_targets) {
            const float label = done == 0 ? 1.0f : 0.0f;
            int count = 0;
            do {
                rows[count++] = targets->rows[done++];
            } while (done < s->n_targets && !(targets->words[done] & D2V_NEW_RUN) &&
                     count < D2V_RUN_LENGTH);
            D2V_NAME(dots_of)(input, rows, count, n, f);
            kept = D2V_NAME(gradients)(m, f, rows, g, count, label, s->alpha);
            if (learn_outputs)
                D2V_NAME(update_of)(input, rows, g, kept, n, error, started, 1);
            else
                D2V_NAME(update_of)(input, rows, g, kept, n_error, error, started, 0);
            started |= kept > 0;
        }
    }
    if (!started)
        memset(error, 0, (size_t)n_error * sizeof(float));
    else if (onto_input)
        D2V_NAME(add)(input, error, n);
}

static D2V_INLINE void D2V_NAME(step_dbow)(d2v_worker *w, const d2v_step *s,
                                           const d2v_targets *targets, const int64_t n)
{
    const d2v_model *m = w->model;
    float *input = s->is_word ? s->input : w->doc;
    if (s->is_word ? m->learn_words : m->learn_docs)
        D2V_NAME(learn)(w, input, s, targets, n, n, 1);
    else if (m->learn_outputs)
        D2V_NAME(learn)(w, input, s, targets, n, n, 0);
}

static D2V_INLINE void D2V_NAME(step_dm)(d2v_worker *w, const d2v_step *s,
                                         const d2v_targets *targets, const int64_t n)
{
    const d2v_model *m = w->model;
    float **context = w->context;
    int32_t i;
    int count = 0, words, k;
    float inverse;
    for (i = s->begin; i < s->end; i++) { /* the centre's pointer is overwritten by the next */
        context[count] = d2v_word_row(m, w->words[i]);
        count += i != s->centre;
    }
    words = count;
    context[count++] = w->doc;
    inverse = 1.0f / (float)count;
    D2V_NAME(gather)(w->neu1, context, count, m->mean ? inverse : 1.0f, n);
    D2V_NAME(learn)(w, w->neu1, s, targets, n, n, 0);
    if (!m->mean) /* gensim divides the error of a sum, not the sum */
        D2V_NAME(scale)(w->work, inverse, n);
    if (m->learn_docs)
        D2V_NAME(add)(context[words], w->work, n);
    if (m->learn_words)
        for (k = 0; k < words; k++)
            D2V_NAME(add)(context[k], w->work, n);
}

static D2V_INLINE void D2V_NAME(step_dm_concat)(d2v_worker *w, const d2v_step *s,
                                                const d2v_targets *targets, const int64_t n)
{
    const d2v_model *m = w->model;
    float **context = w->context;
    float *pad = d2v_word_row(m, m->null_word);
    int32_t i;
    int count = 0, k;
    context[count++] = w->doc;
    for (k = 0; k < s->pad_left; k++)
        context[count++] = pad;
    for (i = s->begin; i < s->end; i++)
        if (i != s->centre)
            context[count++] = d2v_word_row(m, w->words[i]);
    for (k = 0; k < s->pad_right; k++)
        context[count++] = pad;
    /* Copied, since a word that comes twice must be read as it was before the step. */
    for (k = 0; k < count; k++)
        memcpy(w->neu1 + (size_t)k * (size_t)n, context[k], (size_t)n * sizeof(float));
    D2V_NAME(learn)(w, w->neu1, s, targets, m->layer1_size,
                    m->learn_words ? m->layer1_size : n, 0);
    if (m->learn_docs)
        D2V_NAME(add)(context[0], w->work, n);
    if (m->learn_words)
        for (k = 1; k < count; k++)
            D2V_NAME(add)(context[k], w->work + (size_t)k * (size_t)n, n);
}

/* Ask for a row now, so that it waits in the cache when it is read. Of a long row the beginning
 * does: the processor's own prefetcher follows from there. */
static D2V_INLINE void D2V_NAME(prefetch_row)(const float *row, const int64_t n)
{
    const int64_t most = n > 200 ? 128 : n;
    int64_t i;
    D2V_UNROLL_MANY for (i = 0; i < most; i += 16)
        D2V_PREFETCH(row + i);
    if (n <= 200 && (n % 16 == 0 || n % 16 > 4)) /* a row that is not aligned ends one line on */
        D2V_PREFETCH(row + n - 1);
}

static D2V_INLINE void D2V_NAME(prefetch_step)(const d2v_worker *w, const uint64_t which,
                                               const int64_t n)
{
    const d2v_model *m = w->model;
    const d2v_step *s = w->steps + (which & (D2V_RING - 1));
    const d2v_targets all = d2v_targets_of(w, which), *targets = &all;
    const int64_t layer1 = m->kind == D2V_DM_CONCAT ? m->layer1_size : n;
    int t;
    for (t = !s->fresh; t < s->n_targets; t++)
        D2V_NAME(prefetch_row)(targets->rows[t], layer1);
    if (s->is_word) {
        D2V_NAME(prefetch_row)(s->input, n);
        return;
    }
    if (m->kind == D2V_DM || m->kind == D2V_DM_CONCAT) /* the word that enters the window */
        D2V_NAME(prefetch_row)(d2v_word_row(m, w->words[s->end - 1]), n);
    if (s->first) /* only a document's first step can miss its row */
        D2V_NAME(prefetch_row)(s->input, n);
}

#define D2V_RUNNER(name, step, n)                                                               \
    static D2V_FUNCTION void D2V_NAME(name)(d2v_worker * w, const int64_t size)                 \
    {                                                                                           \
        const uint64_t ahead = w->ahead;                                                        \
        (void)size;                                                                             \
        for (;;) {                                                                              \
            const d2v_step *s = w->steps + (w->tail & (D2V_RING - 1));                          \
            d2v_targets targets;                                                                \
            if (w->head - w->tail <= ahead) {                                                   \
                d2v_fill(w);                                                                    \
                if (w->head == w->tail)                                                         \
                    break;                                                                      \
            }                                                                                   \
            if (w->tail + ahead < w->head)                                                      \
                D2V_NAME(prefetch_step)(w, w->tail + ahead, n);                                 \
            targets = d2v_targets_of(w, w->tail);                                               \
            if (s->first && !s->is_word)                                                        \
                memcpy(w->doc, s->input, (size_t)(n) * sizeof(float));                          \
            D2V_NAME(step)(w, s, &targets, n);                                                  \
            if (s->last && !s->is_word && w->model->learn_docs)                                 \
                memcpy(s->input, w->doc, (size_t)(n) * sizeof(float));                          \
            w->tail++;                                                                          \
        }                                                                                       \
    }

D2V_RUNNER(run_dbow, step_dbow, size)
D2V_RUNNER(run_dm, step_dm, size)
D2V_RUNNER(run_dm_concat, step_dm_concat, size)
#if D2V_SIZES
D2V_RUNNER(run_dbow_100, step_dbow, 100)
D2V_RUNNER(run_dm_100, step_dm, 100)
D2V_RUNNER(run_dbow_300, step_dbow, 300)
D2V_RUNNER(run_dm_300, step_dm, 300)
#endif

static D2V_FUNCTION void D2V_NAME(run)(d2v_worker *w)
{
    const int64_t size = w->model->size;
    switch (w->model->kind) {
    case D2V_DBOW:
    case D2V_DBOW_WORDS:
#if D2V_SIZES
        if (size == 100)
            D2V_NAME(run_dbow_100)(w, size);
        else if (size == 300)
            D2V_NAME(run_dbow_300)(w, size);
        else
#endif
            D2V_NAME(run_dbow)(w, size);
        break;
    case D2V_DM:
#if D2V_SIZES
        if (size == 100)
            D2V_NAME(run_dm_100)(w, size);
        else if (size == 300)
            D2V_NAME(run_dm_300)(w, size);
        else
#endif
            D2V_NAME(run_dm)(w, size);
        break;
    case D2V_DM_CONCAT:
        D2V_NAME(run_dm_concat)(w, size);
        break;
    }
}
#undef D2V_RUNNER
