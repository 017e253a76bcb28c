/* From draws to rows, included once per variant (D2V_NAME, D2V_INLINE, D2V_FUNCTION given): the words that the draws
 * of new steps fall on, whether a step's targets all differ, and where their rows are.
 *
 * All new steps are looked up together, so that look-ups do not wait for one another and the processor has many of
 * them under way. With five negatives, the usual number, a step's targets fill six of eight places in the ring, and
 * the loops over eight become a few instructions each in wide registers.
 */

/* Where the searches of the draws of a step begin, into `near`; the draws brought below the table's last. */
static D2V_INLINE void D2V_NAME(begin_searches)(const d2v_negatives *table, uint32_t *targets,
                                                uint32_t *near, const int negative,
                                                const int usual)
{
    int k;
    if (usual) {
        uint32_t buckets[D2V_PLACES];
        for (k = 0; k < D2V_PLACES; k++) /* a word, which is smaller, stays as it is */
            targets[k] = d2v_negatives_usual(targets[k]);
        for (k = 0; k < D2V_PLACES; k++)
            buckets[k] = targets[k] >> table->shift;
        for (k = 1; k <= negative; k++)
            near[k] = table->first[buckets[k]];
        return;
    }
    d2v_negatives_values(table, targets + 1, (size_t)negative);
    for (k = 1; k <= negative; k++)
        near[k] = d2v_negatives_near(table, targets[k]);
}

/* The rows of six targets; two places more may be written. */
static D2V_INLINE void D2V_NAME(plain_rows)(const d2v_model *m, const uint32_t *targets,
                                            float **rows)
{
    int k;
    if (m->hot == m->n_words) {
        const uint64_t base = (uint64_t)(uintptr_t)m->hot_outputs;
        const uint64_t stride = (uint64_t)m->layer1_stride * sizeof(float);
        uint64_t at[D2V_PLACES];
        for (k = 0; k < D2V_PLACES; k++)
            at[k] = base + targets[k] * stride;
        for (k = 0; k < D2V_PLACES; k++)
            rows[k] = (float *)(uintptr_t)at[k];
        return;
    }
    for (k = 0; k < D2V_RUN_LENGTH; k++)
        rows[k] = d2v_output_row(m, targets[k]);
}

static D2V_INLINE void D2V_NAME(look_up)(d2v_worker *w, const uint64_t begin, const int negative,
                                         const int usual)
{
    const d2v_model *m = w->model;
    const d2v_negatives table = m->negatives;
    const size_t stride = D2V_STRIDE(negative);
    const uint64_t head = w->head;
    uint64_t h;
    int k;
    for (h = begin; h < head; h++) {
        const size_t at = (size_t)(h & (D2V_RING - 1)) * stride;
        D2V_NAME(begin_searches)(&table, w->targets + at, w->near + at, negative, usual);
    }
    for (h = begin; h < head; h++) {
        const size_t at = (size_t)(h & (D2V_RING - 1)) * stride;
        uint32_t *const targets = w->targets + at;
        const uint32_t *const near = w->near + at;
        for (k = 1; k <= negative; k++)
            targets[k] = d2v_negatives_find(&table, targets[k], near[k]);
    }
    for (h = begin; h < head; h++) {
        const size_t slot = (size_t)(h & (D2V_RING - 1));
        uint32_t *const targets = w->targets + slot * stride;
        float **const rows = w->rows + slot * stride;
        d2v_step *const s = w->steps + slot;
        s->plain = negative + 1 == D2V_RUN_LENGTH && d2v_all_differ(targets);
        if (s->plain) {
            s->n_targets = D2V_RUN_LENGTH;
            D2V_NAME(plain_rows)(m, targets, rows);
            continue;
        }
        s->n_targets = d2v_separate(targets, negative + 1);
        for (k = 0; k < s->n_targets; k++)
            rows[k] = d2v_output_row(m, targets[k] & ~D2V_NEW_RUN);
    }
}

/* Prepare as many steps as the ring has room for. */
static D2V_FUNCTION void D2V_NAME(fill)(d2v_worker *w)
{
    const d2v_model *m = w->model;
    const uint64_t begin = w->head;
    d2v_emit(w);
    if (m->negative == 5 && m->negatives.last == D2V_USUAL_DOMAIN)
        D2V_NAME(look_up)(w, begin, 5, 1);
    else
        D2V_NAME(look_up)(w, begin, m->negative, 0);
}
