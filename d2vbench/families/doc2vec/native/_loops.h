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
        D2V_NAME(dots)(x, rows, D2V_RUN_LENGTH, n, f, NULL);
        return;
    }
    for (; t + 3 <= count; t += 3)
        D2V_NAME(dots)(x, rows + t, 3, n, f + t, NULL);
    for (; t < count; t++)
        D2V_NAME(dots)(x, rows + t, 1, n, f + t, NULL);
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

/* The second half of a plain step: scores to gradients, then rows and error. */
static D2V_INLINE void D2V_NAME(learn_plain)(d2v_worker *w, float *input, const d2v_step *s,
                                            const d2v_targets *targets, const float *f,
                                            const int64_t n, const int64_t n_error,
                                            const int onto_input)
{
    const d2v_model *m = w->model;
    float *rows[D2V_RUN_LENGTH], g[D2V_RUN_LENGTH];
    int kept, t;
    for (t = 0; t < D2V_RUN_LENGTH; t++)
        rows[t] = targets->rows[t];
    kept = D2V_NAME(gradients)(m, f, rows, g, D2V_RUN_LENGTH, 1.0f, s->alpha);
    if (onto_input && kept == D2V_RUN_LENGTH) {
        if (m->learn_outputs)
            D2V_NAME(update)(input, rows, g, D2V_RUN_LENGTH, n, w->work, 0, 1, 1);
        else
            D2V_NAME(update)(input, rows, g, D2V_RUN_LENGTH, n, w->work, 0, 0, 1);
        return;
    }
    if (m->learn_outputs)
        D2V_NAME(update_of)(input, rows, g, kept, n, w->work, 0, 1);
    else
        D2V_NAME(update_of)(input, rows, g, kept, n_error, w->work, 0, 0);
    if (!kept)
        memset(w->work, 0, (size_t)n_error * sizeof(float));
    else if (onto_input)
        D2V_NAME(add)(input, w->work, n);
}

/* Learn one input's targets. The error goes onto the input itself (`onto_input`), or into
 * w->work, of which the first `n_error` entries are wanted. */
static D2V_INLINE void D2V_NAME(learn)(d2v_worker *w, float *input, const d2v_step *s,
                                       const d2v_targets *targets, const int64_t n,
                                       const int64_t n_error, const int onto_input)
{
    const d2v_model *m = w->model;
    float *error = w->work;
    float *rows[D2V_RUN_LENGTH];
    float f[8], g[D2V_RUN_LENGTH];
    int done = 0, started = 0, kept;

    if (s->plain) {
        D2V_NAME(dots)(input, targets->rows, D2V_RUN_LENGTH, n, f, targets->soon);
        D2V_NAME(learn_plain)(w, input, s, targets, f, n, n_error, onto_input);
        return;
    }
    for (kept = 0; kept <= m->negative; kept++)
        if (targets->soon[kept] != NULL)
            d2v_prefetch_row(targets->soon[kept], n);
    while (done < s->n_targets) {
        const float label = done == 0 ? 1.0f : 0.0f;
        int count = 0;
        do {
            rows[count++] = targets->rows[done++];
        } while (done < s->n_targets && !(targets->words[done] & D2V_NEW_RUN) &&
                 count < D2V_RUN_LENGTH);
        D2V_NAME(dots_of)(input, rows, count, n, f);
        kept = D2V_NAME(gradients)(m, f, rows, g, count, label, s->alpha);
        if (m->learn_outputs)
            D2V_NAME(update_of)(input, rows, g, kept, n, error, started, 1);
        else
            D2V_NAME(update_of)(input, rows, g, kept, n_error, error, started, 0);
        started |= kept > 0;
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

/* PV-DM by mean or sum; without the document's vector, CBOW. */
static D2V_INLINE void D2V_NAME(step_window)(d2v_worker *w, const d2v_step *s,
                                             const d2v_targets *targets, const int64_t n,
                                             const int with_doc)
{
    const d2v_model *m = w->model;
    float **context = w->context;
    int32_t i;
    int count = 0, words;
    float inverse;
    for (i = s->begin; i < s->end; i++) { /* the centre's pointer is overwritten by the next */
        context[count] = d2v_word_row(m, w->words[i]);
        count += i != s->centre;
    }
    words = count;
    if (with_doc)
        context[count++] = w->doc;
    if (!count)
        return; /* a sentence of one word: nothing to learn from, and nothing to learn */
    inverse = 1.0f / (float)count;
    D2V_NAME(gather)(w->neu1, context, count, m->mean ? inverse : 1.0f, n);
    D2V_NAME(learn)(w, w->neu1, s, targets, n, n, 0);
    if (!m->mean) /* gensim divides the error of a sum, not the sum */
        D2V_NAME(scale)(w->work, inverse, n);
    if (with_doc && m->learn_docs)
        D2V_NAME(add)(context[words], w->work, n);
    if (m->learn_words)
        D2V_NAME(scatter)(context, words, w->work, n);
}

static D2V_INLINE void D2V_NAME(step_dm)(d2v_worker *w, const d2v_step *s,
                                         const d2v_targets *targets, const int64_t n)
{
    D2V_NAME(step_window)(w, s, targets, n, 1);
}

static D2V_INLINE void D2V_NAME(step_cbow)(d2v_worker *w, const d2v_step *s,
                                           const d2v_targets *targets, const int64_t n)
{
    D2V_NAME(step_window)(w, s, targets, n, 0);
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

/* Fetch what a coming step reads besides its targets: these are fetched line by line among the
 * products of the step under way (`soon`), since many requests at once wait for one another. */
static D2V_INLINE void D2V_NAME(prefetch_step)(const d2v_worker *w, const uint64_t which,
                                               const int64_t n)
{
    const d2v_model *m = w->model;
    const d2v_step *s = w->steps + (which & (D2V_RING - 1));
    if (s->is_word) {
        d2v_prefetch_row(s->input, n);
        return;
    }
    if ((m->kind == D2V_DM || m->kind == D2V_DM_CONCAT || m->kind == D2V_CBOW) && s->enters >= 0)
        d2v_prefetch_row(d2v_word_row(m, w->words[s->enters]), n);
    if (s->first) /* only a document's first step can miss its row */
        d2v_prefetch_row(s->input, n);
}

/* The next step of a worker, its coming rows asked for; NULL when there is none left. */
static D2V_INLINE const d2v_step *D2V_NAME(take)(d2v_worker *w, d2v_targets *targets,
                                                const int64_t n)
{
    const d2v_step *s = w->steps + (w->tail & (D2V_RING - 1));
    *targets = d2v_targets_of(w, w->tail);
    if (w->head - w->tail <= w->ahead) {
        D2V_NAME(fill)(w);
        if (w->head == w->tail)
            return NULL;
    }
    if (w->tail + w->ahead < w->head)
        D2V_NAME(prefetch_step)(w, w->tail + w->ahead, n);
    if (s->first && !s->is_word)
        memcpy(w->doc, s->input, (size_t)n * sizeof(float));
    return s;
}

#define D2V_RUNNER(name, step, n)                                                               \
    static D2V_FUNCTION void D2V_NAME(name)(d2v_worker * w, const int64_t size)                 \
    {                                                                                           \
        (void)size;                                                                             \
        for (;;) {                                                                              \
            d2v_targets targets;                                                                \
            const d2v_step *s = D2V_NAME(take)(w, &targets, n);                                 \
            if (s == NULL)                                                                      \
                return;                                                                         \
            D2V_NAME(step)(w, s, &targets, n);                                                  \
            if (s->last && !s->is_word && w->model->learn_docs)                                 \
                memcpy(s->input, w->doc, (size_t)(n) * sizeof(float));                          \
            w->tail++;                                                                          \
        }                                                                                       \
    }

D2V_RUNNER(run_dbow, step_dbow, size)
D2V_RUNNER(run_dm, step_dm, size)
D2V_RUNNER(run_dm_concat, step_dm_concat, size)
D2V_RUNNER(run_cbow, step_cbow, size)
#if D2V_SIZES
D2V_RUNNER(run_dbow_100, step_dbow, 100)
D2V_RUNNER(run_dm_100, step_dm, 100)
D2V_RUNNER(run_cbow_100, step_cbow, 100)
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
    case D2V_CBOW:
#if D2V_SIZES
        if (size == 100)
            D2V_NAME(run_cbow_100)(w, size);
        else
#endif
            D2V_NAME(run_cbow)(w, size);
        break;
    }
}
#undef D2V_RUNNER
