/* Negative sampling: the word that a draw falls on, without bisecting the whole table.
 *
 * gensim takes bisect_left(cum_table, draw % cum_table[-1]). The first 2**bits values of a draw's
 * leading bits are tabulated here: `first[b]` is where the bisection would end for the smallest
 * draw of bucket b, so that a few steps forward reach the same index for the same draw.
 */
#ifndef D2V_NEGATIVES_H
#define D2V_NEGATIVES_H

#include <stdint.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define D2V_PADDING 4
#define D2V_USUAL_DOMAIN UINT32_C(0x7fffffff)

typedef struct {
    const uint32_t *cum;   /* (n_words + D2V_PADDING,), non-decreasing, padded with 2**32 - 1 */
    const uint32_t *first; /* (n_buckets + 1,) */
    uint32_t last;         /* cum[n_words - 1]: draws are below it */
    int shift;             /* bucket of a draw: draw >> shift */
} d2v_negatives;

/* Smallest shift that leaves at most `most` buckets for draws below `last`. */
static int d2v_negatives_shift(uint32_t last, int64_t most)
{
    int shift = 0;
    while (((int64_t)last >> shift) + 1 > most)
        shift++;
    return shift;
}

static void d2v_negatives_fill(uint32_t *first, int64_t n_buckets, int shift, const uint32_t *cum,
                               int64_t n_words)
{
    int64_t b, i = 0;
    for (b = 0; b <= n_buckets; b++) {
        uint64_t least = (uint64_t)b << shift;
        while (i < n_words - 1 && cum[i] < least)
            i++;
        first[b] = (uint32_t)i;
    }
}

/* A 32-bit draw modulo gensim's domain, 2**31 - 1: no division, and no branch that half the draws would take, so that
 * the compiler does several at once. */
static inline uint32_t d2v_negatives_usual(uint32_t value)
{
    const uint32_t sum = (value & D2V_USUAL_DOMAIN) + (value >> 31);
    return sum + (uint32_t)(sum >= D2V_USUAL_DOMAIN) * UINT32_C(0x80000001);
}

/* 32-bit draws brought below `last`. */
static void d2v_negatives_values(const d2v_negatives *t, uint32_t *values, size_t n)
{
    size_t i;
    if (t->last == D2V_USUAL_DOMAIN) {
        for (i = 0; i < n; i++)
            values[i] = d2v_negatives_usual(values[i]);
    } else {
        for (i = 0; i < n; i++)
            values[i] %= t->last;
    }
}

/* Where the search for a draw begins. */
static inline uint32_t d2v_negatives_near(const d2v_negatives *t, uint32_t value)
{
    return t->first[value >> t->shift];
}

/* bisect_left(cum, value), from d2v_negatives_near. Nearly every bucket is crossed by at most four boundaries: these are
 * counted without a branch, which would be mispredicted. The loop ends at the last word, because
 * value < last; the padding is never counted, because nothing is above it. */
static inline uint32_t d2v_negatives_find(const d2v_negatives *t, uint32_t value, uint32_t i)
{
    const uint32_t *cum = t->cum + i;
#ifdef __SSE2__
    /* Signed, which is the same below 2**31; `cum` does not fall, so the lanes below are the first. */
    const __m128i bias = _mm_set1_epi32(INT32_MIN);
    const __m128i four = _mm_xor_si128(_mm_loadu_si128((const __m128i *)cum), bias);
    const __m128i below = _mm_cmplt_epi32(four, _mm_xor_si128(_mm_set1_epi32((int32_t)value), bias));
    const uint32_t steps = (uint32_t)__builtin_ctz(~(unsigned)_mm_movemask_ps(_mm_castsi128_ps(below)));
#else
    const uint32_t steps =
        (uint32_t)(cum[0] < value) + (cum[1] < value) + (cum[2] < value) + (cum[3] < value);
#endif
    i += steps;
    if (steps == 4)
        while (t->cum[i] < value)
            i++;
    return i;
}

#endif
