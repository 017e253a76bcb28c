/* Primitives in plain C: the order of every sum, spelled out.
 *
 * Dot product of n floats: sixteen running sums, element i going to sum i % 16, over the whole
 * blocks of sixteen; folded to eight (k with k + 8), to which a block of eight is added if the rest
 * holds one; folded to four, likewise a block of four; then (s0 + s2) + (s1 + s3) and the last
 * elements one by one. No product is fused with a sum. _vector.h does the same in registers of any
 * width, hence the same floats on every machine; this file also serves compilers without vector
 * types.
 */
static D2V_INLINE void D2V_NAME(dots)(const float *x, float *const *rows, const int count,
                                      const int64_t n, float *out, float *const *soon)
{
    int t, k;
    (void)soon;
    for (t = 0; t < count; t++) {
        const float *r = rows[t];
        float sum[16] = {0}, s;
        int64_t i = 0;
        for (; i + 16 <= n; i += 16)
            for (k = 0; k < 16; k++)
                sum[k] += x[i + k] * r[i + k];
        for (k = 0; k < 8; k++)
            sum[k] += sum[k + 8];
        if (i + 8 <= n) {
            for (k = 0; k < 8; k++)
                sum[k] += x[i + k] * r[i + k];
            i += 8;
        }
        for (k = 0; k < 4; k++)
            sum[k] += sum[k + 4];
        if (i + 4 <= n) {
            for (k = 0; k < 4; k++)
                sum[k] += x[i + k] * r[i + k];
            i += 4;
        }
        s = (sum[0] + sum[2]) + (sum[1] + sum[3]);
        for (; i < n; i++)
            s += x[i] * r[i];
        out[t] = s;
    }
}

/* error = sum of g * row (added to `error` when `add`), then row += g * x when `learn`. With
 * `onto_x` the error goes straight onto x. */
static D2V_INLINE void D2V_NAME(update)(float *x, float *const *rows, const float *g,
                                        const int count, const int64_t n, float *error,
                                        const int add, const int learn, const int onto_x)
{
    int64_t i;
    int t;
    for (i = 0; i < n; i++) {
        float xi = x[i], e = add ? error[i] : 0.0f;
        for (t = 0; t < count; t++) {
            float r = rows[t][i], part = r * g[t];
            e = t == 0 && !add ? part : e + part;
            if (learn)
                rows[t][i] = r + g[t] * xi;
        }
        if (onto_x)
            x[i] = xi + e;
        else
            error[i] = e;
    }
}

static D2V_INLINE void D2V_NAME(add)(float *to, const float *from, const int64_t n)
{
    int64_t i;
    for (i = 0; i < n; i++)
        to[i] += from[i];
}

static D2V_INLINE void D2V_NAME(scale)(float *x, const float by, const int64_t n)
{
    int64_t i;
    for (i = 0; i < n; i++)
        x[i] *= by;
}

/* to = by * (first row + second row + ...), summed in that order. */
static D2V_INLINE void D2V_NAME(gather)(float *to, float *const *rows, const int count,
                                        const float by, const int64_t n)
{
    int64_t i;
    int t;
    for (i = 0; i < n; i++) {
        float sum = rows[0][i];
        for (t = 1; t < count; t++)
            sum += rows[t][i];
        to[i] = sum * by;
    }
}

/* Add one vector to several rows, one after the other: one may be there twice. */
static D2V_INLINE void D2V_NAME(scatter)(float *const *rows, const int count, const float *from,
                                         const int64_t n)
{
    int t;
    for (t = 0; t < count; t++)
        D2V_NAME(add)(rows[t], from, n);
}
