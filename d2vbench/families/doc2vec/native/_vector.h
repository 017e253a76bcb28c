/* Primitives of _plain.h over vectors of D2V_WIDTH floats (4, 8 or 16): the same sums.
 *
 * Included once per width. GCC's and Clang's vector types serve, so that one source compiles to
 * SSE2, NEON, AVX2 and AVX-512. Loads are unaligned: rows of 100 floats are.
 */
#define D2V_PARTS (16 / D2V_WIDTH)
/* A row of 100 floats, the usual size, fits in the registers of these widths: 96 in whole vectors, and four. */
#define D2V_IN_REGISTERS(n) ((n) == 100 && D2V_WIDTH >= 8)
#define D2V_WHOLE (96 / D2V_WIDTH)
#define D2V_LOAD(p) (*(const D2V_NAME(unaligned) *)(p))
#define D2V_STORE(p, v) (*(D2V_NAME(unaligned) *)(p) = (v))
#define D2V_LOAD4(p) (*(const d2v_unaligned4 *)(p))
#define D2V_STORE4(p, v) (*(d2v_unaligned4 *)(p) = (v))

typedef float D2V_NAME(vector) __attribute__((vector_size(4 * D2V_WIDTH)));
typedef float D2V_NAME(unaligned)
    __attribute__((vector_size(4 * D2V_WIDTH), aligned(4), may_alias));
#define D2V_VECTOR D2V_NAME(vector)

/* Sixteen sums to four, the blocks of eight and of four of the rest joining on the way. */
static D2V_INLINE void D2V_NAME(fold)(const D2V_VECTOR *sum, const float *x, const float *r,
                                      const int64_t rest, d2v_vector4 *out)
{
    d2v_vector4 four;
    int64_t i = 0;
#if D2V_WIDTH == 4
    d2v_vector4 low = sum[0] + sum[2], high = sum[1] + sum[3];
    if (rest & 8) {
        low += D2V_LOAD4(x) * D2V_LOAD4(r);
        high += D2V_LOAD4(x + 4) * D2V_LOAD4(r + 4);
        i = 8;
    }
    four = low + high;
#else
#if D2V_WIDTH == 8
    d2v_vector8 eight = sum[0] + sum[1];
#else
    d2v_vector8 eight = D2V_HALF16(sum[0], 0) + D2V_HALF16(sum[0], 1);
#endif
    if (rest & 8) {
        eight += *(const d2v_unaligned8 *)x * *(const d2v_unaligned8 *)r;
        i = 8;
    }
    four = D2V_HALF8(eight, 0) + D2V_HALF8(eight, 1);
#endif
    if (rest & 4)
        four += D2V_LOAD4(x + i) * D2V_LOAD4(r + i);
    *out = four;
}

static D2V_INLINE void D2V_NAME(dots)(const float *x, float *const *rows, const int count,
                                      const int64_t n, float *out, float *const *soon)
{
    D2V_VECTOR sum[D2V_RUN_LENGTH][D2V_PARTS];
    const int64_t whole = n & ~(int64_t)15, rest = n & 15;
    int64_t i;
    int t, k;
    D2V_UNROLL for (t = 0; t < count; t++)
        D2V_UNROLL for (k = 0; k < D2V_PARTS; k++)
            sum[t][k] = (D2V_VECTOR){0};
    D2V_UNROLL_MANY for (i = 0; i < whole; i += 16) {
        D2V_VECTOR block[D2V_PARTS];
        D2V_UNROLL for (k = 0; k < D2V_PARTS; k++)
            block[k] = D2V_LOAD(x + i + k * D2V_WIDTH);
        if (soon && i < 16 * count)
            d2v_prefetch_row(soon[i / 16], n);
        D2V_UNROLL for (t = 0; t < count; t++)
            D2V_UNROLL for (k = 0; k < D2V_PARTS; k++)
                sum[t][k] += block[k] * D2V_LOAD(rows[t] + i + k * D2V_WIDTH);
    }
    if (soon) /* short rows have fewer blocks than there are rows to fetch */
        for (t = (int)(whole / 16); t < count; t++)
            d2v_prefetch_row(soon[t], n);
    {
        d2v_vector4 four[D2V_RUN_LENGTH];
        D2V_UNROLL for (t = 0; t < count; t++)
            D2V_NAME(fold)(sum[t], x + whole, rows[t] + whole, rest, four + t);
#if D2V_VECTORS
        if (count == D2V_RUN_LENGTH) {
            D2V_STORE4(out, d2v_sums4(four[0], four[1], four[2], four[3]));
            D2V_STORE4(out + 4, d2v_sums4(four[4], four[5], four[4], four[5]));
        } else
#endif
            D2V_UNROLL for (t = 0; t < count; t++)
                out[t] = (four[t][0] + four[t][2]) + (four[t][1] + four[t][3]);
    }
    for (i = n & ~(int64_t)3; i < n; i++)
        D2V_UNROLL for (t = 0; t < count; t++)
            out[t] += x[i] * rows[t][i];
}

static D2V_INLINE void D2V_NAME(update)(float *x, float *const *rows, const float *g,
                                        const int count, const int64_t n, float *error,
                                        const int add, const int learn, const int onto_x)
{
    int64_t i = 0;
    int t;
#define D2V_UPDATE(width, vector, load, store)                            \
    for (; i + width <= n; i += width) {                                  \
        const vector xi = load(x + i);                                    \
        vector e = xi;                                                    \
        if (add)                                                          \
            e = load(error + i);                                          \
        D2V_UNROLL for (t = 0; t < count; t++) {                          \
            const vector r = load(rows[t] + i);                           \
            e = t == 0 && !add ? r * g[t] : e + r * g[t];                 \
            if (learn)                                                    \
                store(rows[t] + i, r + xi * g[t]);                        \
        }                                                                 \
        if (onto_x)                                                       \
            store(x + i, xi + e);                                         \
        else                                                              \
            store(error + i, e);                                          \
    }
#define D2V_GET(p) (*(p))
#define D2V_PUT(p, v) (*(p) = (v))
    D2V_UPDATE(D2V_WIDTH, D2V_VECTOR, D2V_LOAD, D2V_STORE)
#if D2V_WIDTH > 4
    D2V_UPDATE(4, d2v_vector4, D2V_LOAD4, D2V_STORE4)
#endif
    D2V_UPDATE(1, float, D2V_GET, D2V_PUT)
#undef D2V_UPDATE
#undef D2V_GET
#undef D2V_PUT
}

static D2V_INLINE void D2V_NAME(add)(float *to, const float *from, const int64_t n)
{
    int64_t i = 0;
    for (; i + D2V_WIDTH <= n; i += D2V_WIDTH)
        D2V_STORE(to + i, D2V_LOAD(to + i) + D2V_LOAD(from + i));
    for (; i + 4 <= n; i += 4)
        D2V_STORE4(to + i, D2V_LOAD4(to + i) + D2V_LOAD4(from + i));
    for (; i < n; i++)
        to[i] += from[i];
}

static D2V_INLINE void D2V_NAME(scale)(float *x, const float by, const int64_t n)
{
    int64_t i = 0;
    for (; i + D2V_WIDTH <= n; i += D2V_WIDTH)
        D2V_STORE(x + i, D2V_LOAD(x + i) * by);
    for (; i < n; i++)
        x[i] *= by;
}

/* One loop over the rows: how many there are differs from step to step, and the end of each such loop is a branch
 * that is guessed wrong. */
static D2V_INLINE void D2V_NAME(gather_100)(float *to, float *const *rows, const int count,
                                            const float by)
{
    D2V_VECTOR sum[D2V_WHOLE];
    d2v_vector4 last = D2V_LOAD4(rows[0] + 96);
    int t, k;
    D2V_UNROLL_MANY for (k = 0; k < D2V_WHOLE; k++)
        sum[k] = D2V_LOAD(rows[0] + k * D2V_WIDTH);
    for (t = 1; t < count; t++) {
        D2V_UNROLL_MANY for (k = 0; k < D2V_WHOLE; k++)
            sum[k] += D2V_LOAD(rows[t] + k * D2V_WIDTH);
        last += D2V_LOAD4(rows[t] + 96);
    }
    D2V_UNROLL_MANY for (k = 0; k < D2V_WHOLE; k++)
        D2V_STORE(to + k * D2V_WIDTH, sum[k] * by);
    D2V_STORE4(to + 96, last * by);
}

static D2V_INLINE void D2V_NAME(gather)(float *to, float *const *rows, const int count,
                                        const float by, const int64_t n)
{
    int64_t i = 0;
    int t;
    if (D2V_IN_REGISTERS(n)) {
        D2V_NAME(gather_100)(to, rows, count, by);
        return;
    }
    for (; i + 2 * D2V_WIDTH <= n; i += 2 * D2V_WIDTH) {
        D2V_VECTOR a = D2V_LOAD(rows[0] + i), b = D2V_LOAD(rows[0] + i + D2V_WIDTH);
        for (t = 1; t < count; t++) {
            a += D2V_LOAD(rows[t] + i);
            b += D2V_LOAD(rows[t] + i + D2V_WIDTH);
        }
        D2V_STORE(to + i, a * by);
        D2V_STORE(to + i + D2V_WIDTH, b * by);
    }
    for (; i + 4 <= n; i += 4) {
        d2v_vector4 a = D2V_LOAD4(rows[0] + i);
        for (t = 1; t < count; t++)
            a += D2V_LOAD4(rows[t] + i);
        D2V_STORE4(to + i, a * by);
    }
    for (; i < n; i++) {
        float a = rows[0][i];
        for (t = 1; t < count; t++)
            a += rows[t][i];
        to[i] = a * by;
    }
}

static D2V_INLINE void D2V_NAME(scatter_100)(float *const *rows, const int count, const float *from)
{
    D2V_VECTOR part[D2V_WHOLE];
    const d2v_vector4 last = D2V_LOAD4(from + 96);
    int t, k;
    D2V_UNROLL_MANY for (k = 0; k < D2V_WHOLE; k++)
        part[k] = D2V_LOAD(from + k * D2V_WIDTH);
    for (t = 0; t < count; t++) {
        float *const row = rows[t];
        D2V_UNROLL_MANY for (k = 0; k < D2V_WHOLE; k++)
            D2V_STORE(row + k * D2V_WIDTH, D2V_LOAD(row + k * D2V_WIDTH) + part[k]);
        D2V_STORE4(row + 96, D2V_LOAD4(row + 96) + last);
    }
}

/* Add one vector to several rows, one after the other: one may be there twice. */
static D2V_INLINE void D2V_NAME(scatter)(float *const *rows, const int count, const float *from,
                                         const int64_t n)
{
    int t;
    if (D2V_IN_REGISTERS(n)) {
        D2V_NAME(scatter_100)(rows, count, from);
        return;
    }
    for (t = 0; t < count; t++)
        D2V_NAME(add)(rows[t], from, n);
}

#undef D2V_IN_REGISTERS
#undef D2V_WHOLE
#undef D2V_PARTS
#undef D2V_LOAD
#undef D2V_STORE
#undef D2V_LOAD4
#undef D2V_STORE4
#undef D2V_VECTOR
