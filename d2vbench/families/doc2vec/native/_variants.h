/* One source, several instruction sets: the loops instantiated per variant, and the choice of one.
 *
 * All variants compute the same floats (see _plain.h). D2V_EMULATE_WIDE adds the sixteen-wide code
 * compiled for the baseline, to test it on a processor without AVX-512.
 */
#ifndef D2V_VARIANTS_H
#define D2V_VARIANTS_H

#include <string.h>

#ifdef __has_builtin
#if __has_builtin(__builtin_shufflevector) && __has_builtin(__builtin_convertvector)
#define D2V_SHUFFLES 1
#endif
#endif

#if defined(__GNUC__) || defined(__clang__)
#define D2V_ALWAYS inline __attribute__((always_inline))
#else
#define D2V_ALWAYS inline
#endif

#include "_run.h"
#include "_steps.h"

#define D2V_JOIN_(a, b) d2v_##a##_##b
#define D2V_JOIN(a, b) D2V_JOIN_(a, b)
#define D2V_NAME(name) D2V_JOIN(name, D2V_SUFFIX)

#if defined(__GNUC__) || defined(__clang__)
#define D2V_GNU 1
#define D2V_PREFETCH(p) __builtin_prefetch((p), 1, 3)
#else
#define D2V_PREFETCH(p) ((void)(p))
#endif
#if defined(__clang__)
#define D2V_UNROLL _Pragma("clang loop unroll(full)")
#define D2V_UNROLL_MANY _Pragma("clang loop unroll_count(8)")
#elif defined(__GNUC__)
#define D2V_UNROLL _Pragma("GCC unroll 8")
#define D2V_UNROLL_MANY _Pragma("GCC unroll 8")
#else
#define D2V_UNROLL_MANY
#endif

/* Ask for a row now, so that it waits in the cache when it is read. Of a long row the beginning
 * does: the processor's own prefetcher follows from there. */
static D2V_ALWAYS void d2v_prefetch_row(const float *row, const int64_t n)
{
    const int64_t near = n > D2V_NEAR ? D2V_NEAR : n;
    int64_t i;
    D2V_UNROLL_MANY for (i = 0; i < near; i += 16)
        D2V_PREFETCH(row + i);
    if (near == n) /* a row that does not begin with a line may end one line on */
        D2V_PREFETCH(row + n - 1);
}

/* The reference, on every compiler. */
#define D2V_SUFFIX plain
#define D2V_VECTORS 0
#define D2V_SIZES 0 /* functions for common sizes only where vectors make them pay */
#define D2V_INLINE inline
#define D2V_FUNCTION
#include "_plain.h"
#include "_draws.h"
#include "_loops.h"
#undef D2V_SIZES
#define D2V_SIZES 1
#undef D2V_VECTORS
#ifdef D2V_SHUFFLES
#define D2V_VECTORS 1
#else
#define D2V_VECTORS 0
#endif
#undef D2V_SUFFIX
#undef D2V_INLINE
#undef D2V_FUNCTION

#ifdef D2V_GNU
typedef float d2v_vector4 __attribute__((vector_size(16)));
typedef float d2v_vector8 __attribute__((vector_size(32)));
typedef double d2v_doubles4 __attribute__((vector_size(32)));
typedef int32_t d2v_ints4 __attribute__((vector_size(16)));
typedef int64_t d2v_longs2 __attribute__((vector_size(16)));
typedef float d2v_unaligned4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef float d2v_unaligned8 __attribute__((vector_size(32), aligned(4), may_alias));

/* Half of a vector: a shuffle where the compiler has one, else through memory. */
#ifdef D2V_SHUFFLES
#define D2V_HALF8(v, k) \
    __builtin_shufflevector((v), (v), 4 * (k), 4 * (k) + 1, 4 * (k) + 2, 4 * (k) + 3)
#define D2V_HALF16(v, k)                                                                        \
    __builtin_shufflevector((v), (v), 8 * (k), 8 * (k) + 1, 8 * (k) + 2, 8 * (k) + 3,           \
                            8 * (k) + 4, 8 * (k) + 5, 8 * (k) + 6, 8 * (k) + 7)
/* Per vector (v0 + v2) + (v1 + v3), for four vectors at once. */
static inline __attribute__((always_inline)) d2v_vector4
d2v_sums4(d2v_vector4 a, d2v_vector4 b, d2v_vector4 c, d2v_vector4 d)
{
    d2v_vector4 ab = __builtin_shufflevector(a, b, 0, 1, 4, 5) +
                     __builtin_shufflevector(a, b, 2, 3, 6, 7);
    d2v_vector4 cd = __builtin_shufflevector(c, d, 0, 1, 4, 5) +
                     __builtin_shufflevector(c, d, 2, 3, 6, 7);
    return __builtin_shufflevector(ab, cd, 0, 2, 4, 6) +
           __builtin_shufflevector(ab, cd, 1, 3, 5, 7);
}
#else
#define D2V_HALF8(v, k) (((union { d2v_vector8 all; d2v_vector4 half[2]; }){(v)}).half[k])
#define D2V_HALF16(v, k) \
    (((union { __typeof__(v) all; d2v_vector8 half[2]; }){(v)}).half[k])
#endif

#define D2V_SUFFIX baseline
#define D2V_WIDTH 4
#define D2V_INLINE inline __attribute__((always_inline))
#define D2V_FUNCTION
#include "_vector.h"
#include "_draws.h"
#include "_loops.h"
#undef D2V_SUFFIX
#undef D2V_WIDTH
#undef D2V_INLINE
#undef D2V_FUNCTION

#ifdef D2V_EMULATE_WIDE
#define D2V_SUFFIX wide
#define D2V_WIDTH 16
#define D2V_INLINE inline __attribute__((always_inline))
#define D2V_FUNCTION
#include "_vector.h"
#include "_draws.h"
#include "_loops.h"
#undef D2V_SUFFIX
#undef D2V_WIDTH
#undef D2V_INLINE
#undef D2V_FUNCTION
#endif

#if defined(__x86_64__) || defined(__i386__)
#define D2V_X86 1

#define D2V_SUFFIX avx2
#define D2V_WIDTH 8
#define D2V_INLINE inline __attribute__((always_inline, target("avx2")))
#define D2V_FUNCTION __attribute__((target("avx2")))
#include "_vector.h"
#include "_draws.h"
#include "_loops.h"
#undef D2V_SUFFIX
#undef D2V_WIDTH
#undef D2V_INLINE
#undef D2V_FUNCTION

#define D2V_SUFFIX avx512
#define D2V_WIDTH 16
#define D2V_INLINE inline __attribute__((always_inline, target("avx512f,avx512vl,avx512bw,avx512dq")))
#define D2V_FUNCTION __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq")))
#include "_vector.h"
#include "_draws.h"
#include "_loops.h"
#undef D2V_SUFFIX
#undef D2V_WIDTH
#undef D2V_INLINE
#undef D2V_FUNCTION
#endif
#endif

#ifdef D2V_X86
#include <cpuid.h>

/* 2: AVX-512 F, DQ, BW and VL; 1: AVX2; 0: neither, or the system does not save their registers.
 * Asked of the processor itself: __builtin_cpu_supports says no under some compilers' run-time
 * libraries. */
static int d2v_x86_level(void)
{
    const unsigned wanted = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    unsigned a, b, c, d, saved, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & 1u << 27) || !(c & 1u << 28))
        return 0;
    __asm__ volatile(".byte 0x0f, 0x01, 0xd0" /* xgetbv */ : "=a"(saved), "=d"(high) : "c"(0));
    if ((saved & 0x6) != 0x6 || !__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & 1u << 5))
        return 0;
    return (saved & 0xe6) == 0xe6 && (b & wanted) == wanted ? 2 : 1;
}
#endif

typedef struct {
    const char *name;
    void (*run)(d2v_worker *);
} d2v_variant;

/* Variants that this build and this processor have, the plainest first. */
static int d2v_variants(d2v_variant *out)
{
    int n = 0;
    out[n].name = "plain";
    out[n++].run = d2v_run_plain;
#ifdef D2V_GNU
#ifdef D2V_EMULATE_WIDE
    out[n].name = "wide";
    out[n++].run = d2v_run_wide;
#endif
    out[n].name = "baseline";
    out[n++].run = d2v_run_baseline;
#ifdef D2V_X86
    if (d2v_x86_level() >= 1) {
        out[n].name = "avx2";
        out[n++].run = d2v_run_avx2;
    }
    if (d2v_x86_level() >= 2) {
        out[n].name = "avx512";
        out[n++].run = d2v_run_avx512;
    }
#endif
#endif
    return n;
}

#endif
