/* Random streams: what gensim draws, drawn the same way without the interpreter.
 *
 * Three generators meet in a gensim Doc2Vec:
 *  - the model's legacy RandomState (32-bit words of any NumPy bit generator);
 *  - RandomState.randint over them: masked rejection on 32-bit words;
 *  - a 48-bit linear congruential generator, seeded per document from two randints.
 */
#ifndef D2V_RANDOM_H
#define D2V_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* The public C interface of NumPy's bit generators (numpy/random/bitgen.h), restated so that
 * building the extension needs no NumPy headers. The layout is part of NumPy's stable ABI. */
typedef struct {
    void *state;
    uint64_t (*next_uint64)(void *st);
    uint32_t (*next_uint32)(void *st);
    double (*next_double)(void *st);
    uint64_t (*next_raw)(void *st);
} d2v_bitgen;

/* MT19937 (Matsumoto and Nishimura 1998), seeded as RandomState(seed) seeds it. Batch inference
 * needs one stream per document; making a RandomState object for each would cost more than
 * inferring a short document. */
typedef struct {
    uint32_t key[624];
    int pos;
} d2v_mt19937;

static void d2v_mt_seed(d2v_mt19937 *mt, uint32_t seed)
{
    int i;
    for (i = 0; i < 624; i++) {
        mt->key[i] = seed;
        seed = UINT32_C(1812433253) * (seed ^ (seed >> 30)) + (uint32_t)i + 1;
    }
    mt->pos = 624;
}

static void d2v_mt_refill(d2v_mt19937 *mt)
{
    uint32_t *k = mt->key;
    int i;
#define D2V_TWIST(far, hi, lo) \
    ((far) ^ ((((hi) & UINT32_C(0x80000000)) | ((lo) & UINT32_C(0x7fffffff))) >> 1) ^ \
     ((uint32_t)(-(int32_t)((lo) & 1)) & UINT32_C(0x9908b0df)))
    for (i = 0; i < 624 - 397; i++)
        k[i] = D2V_TWIST(k[i + 397], k[i], k[i + 1]);
    for (; i < 623; i++)
        k[i] = D2V_TWIST(k[i - (624 - 397)], k[i], k[i + 1]);
    k[623] = D2V_TWIST(k[396], k[623], k[0]);
#undef D2V_TWIST
    mt->pos = 0;
}

static uint32_t d2v_mt_next(void *state)
{
    d2v_mt19937 *mt = (d2v_mt19937 *)state;
    uint32_t y;
    if (mt->pos == 624)
        d2v_mt_refill(mt);
    y = mt->key[mt->pos++];
    y ^= y >> 11;
    y ^= (y << 7) & UINT32_C(0x9d2c5680);
    y ^= (y << 15) & UINT32_C(0xefc60000);
    return y ^ (y >> 18);
}

/* A source of 32-bit words: the model's own bit generator, or an MT19937 of ours. */
typedef struct {
    uint32_t (*next)(void *state);
    void *state;
} d2v_words32;

/* RandomState.randint(0, bound) for 1 <= bound <= 2**32 - 1. A bound of one draws nothing. */
static inline uint32_t d2v_randint(d2v_words32 *source, uint32_t bound)
{
    uint32_t top = bound - 1, mask = top, value;
    if (top == 0)
        return 0;
    mask |= mask >> 1;
    mask |= mask >> 2;
    mask |= mask >> 4;
    mask |= mask >> 8;
    mask |= mask >> 16;
    do
        value = source->next(source->state) & mask;
    while (value > top);
    return value;
}

/* The 48-bit generator of java.util.Random, which word2vec uses: bits 16 to 47 are drawn, and the
 * bits above them, which gensim masks off, never matter. */
#define D2V_LCG_TIMES UINT64_C(25214903917)
#define D2V_LCG_PLUS UINT64_C(11)

static inline uint32_t d2v_lcg_next(uint64_t *state)
{
    uint32_t value = (uint32_t)(*state >> 16);
    *state = *state * D2V_LCG_TIMES + D2V_LCG_PLUS;
    return value;
}

#endif
