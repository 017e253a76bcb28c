/* Products of a sparse matrix in compressed rows with a dense one, eight columns in a register.
 *
 * Each sum starts from zero and takes the entries of a row in their order, without fusing products
 * with sums: the floats of scipy's csr_matvecs.
 */
#ifndef D2V_PRODUCTS_H
#define D2V_PRODUCTS_H

#include <stdint.h>
#include <string.h>

#if defined(__clang__)
#define D2V_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define D2V_UNROLL _Pragma("GCC unroll 4")
#else
#define D2V_UNROLL
#endif

#if defined(__GNUC__) || defined(__clang__)
#define D2V_INLINE static inline __attribute__((always_inline))
typedef float d2v_eight __attribute__((vector_size(32)));
D2V_INLINE void d2v_load(d2v_eight *to, const float *from) { memcpy(to, from, sizeof *to); }
D2V_INLINE void d2v_store(float *to, const d2v_eight *from) { memcpy(to, from, sizeof *from); }
D2V_INLINE void d2v_add(d2v_eight *sum, float value, const d2v_eight *x) { *sum += value * *x; }
#else
#define D2V_INLINE static __inline
typedef struct { float of[8]; } d2v_eight;
D2V_INLINE void d2v_load(d2v_eight *to, const float *from) { memcpy(to, from, sizeof *to); }
D2V_INLINE void d2v_store(float *to, const d2v_eight *from) { memcpy(to, from, sizeof *from); }
D2V_INLINE void d2v_add(d2v_eight *sum, float value, const d2v_eight *x)
{
    int k;
    for (k = 0; k < 8; k++)
        sum->of[k] += value * x->of[k];
}
#endif

/* One row, `eights` registers from column `at` on. The loops over registers are unrolled, so that
 * the sums stay in them. */
#define D2V_STRIPE(eights)                                                                         \
    {                                                                                              \
        d2v_eight sum[eights], x;                                                                  \
        const float *const first = dense + at;                                                     \
        int k;                                                                                     \
        D2V_UNROLL                                                                                 \
        for (k = 0; k < eights; k++)                                                               \
            sum[k] = none;                                                                         \
        for (i = begin[row]; i < end; i++) {                                                       \
            const float *from = first + (int64_t)place[i] * width;                                 \
            const float value = values[i];                                                         \
            D2V_UNROLL                                                                             \
            for (k = 0; k < eights; k++) {                                                         \
                d2v_load(&x, from + 8 * k);                                                        \
                d2v_add(&sum[k], value, &x);                                                       \
            }                                                                                      \
        }                                                                                          \
        D2V_UNROLL                                                                                 \
        for (k = 0; k < eights; k++)                                                               \
            d2v_store(out + row * width + at + 8 * k, &sum[k]);                                    \
        at += 8 * eights;                                                                          \
    }

/* `width`, the columns of `dense` and `out`, is a multiple of eight. */
D2V_INLINE void d2v_rows(int64_t rows, const int32_t *begin, const int32_t *place,
                         const float *values, const float *dense, int64_t width, float *out)
{
    const d2v_eight none = {0};
    int64_t row, at, i;
    for (row = 0; row < rows; row++) {
        const int64_t end = begin[row + 1];
        for (at = 0; at + 32 <= width;)
            D2V_STRIPE(4)
        if (at + 24 <= width)
            D2V_STRIPE(3)
        else if (at + 16 <= width)
            D2V_STRIPE(2)
        else if (at + 8 <= width)
            D2V_STRIPE(1)
    }
}

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
__attribute__((target("avx2"))) static void
d2v_rows_avx2(int64_t rows, const int32_t *begin, const int32_t *place, const float *values,
              const float *dense, int64_t width, float *out)
{
    d2v_rows(rows, begin, place, values, dense, width, out);
}
#endif

static void d2v_multiply(int64_t rows, const int32_t *begin, const int32_t *place,
                         const float *values, const float *dense, int64_t width, float *out)
{
#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        d2v_rows_avx2(rows, begin, place, values, dense, width, out);
        return;
    }
#endif
    d2v_rows(rows, begin, place, values, dense, width, out);
}

#endif
