/* Small loops that measure what the machine can do; compiled and called by roofline.py. */
#include <stdint.h>
#include <string.h>

#define WIDE 8
typedef float vec __attribute__((vector_size(4 * WIDE)));
typedef float loose __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));
#if defined(__x86_64__)
#define FUNCTION __attribute__((target("avx2")))
#else
#define FUNCTION
#endif

/* Products and sums in registers, six independent chains of each (more would not stay in
 * sixteen registers): 2 * 6 * WIDE a turn. */
FUNCTION float peak(int64_t turns)
{
    vec a[6], b[6], by = (vec){0} + 0.999f, plus = (vec){0} + 0.001f;
    float out = 0;
    for (int k = 0; k < 6; k++)
        a[k] = b[k] = (vec){0} + (float)k;
    for (int64_t i = 0; i < turns; i++) {
#pragma GCC unroll 8
        for (int k = 0; k < 6; k++) {
            a[k] = a[k] * by;
            b[k] = b[k] + plus;
        }
    }
    for (int k = 0; k < 6; k++)
        out += a[k][0] + b[k][0];
    return out;
}

/* Rows read, changed and written back in the order of `which`, fetched `ahead` rows before. */
FUNCTION void rows(float *array, int64_t size, const uint32_t *which, int64_t n, int64_t ahead)
{
    for (int64_t i = 0; i < n; i++) {
        float *row = array + (int64_t)which[i] * size;
        if (i + ahead < n) {
            const float *next = array + (int64_t)which[i + ahead] * size;
            for (int64_t k = 0; k < size; k += 16)
                __builtin_prefetch(next + k, 1, 3);
        }
        int64_t k = 0;
        for (; k + WIDE <= size; k += WIDE)
            *(loose *)(row + k) = *(loose *)(row + k) * 0.9999f;
        for (; k < size; k++)
            row[k] *= 0.9999f;
    }
}
