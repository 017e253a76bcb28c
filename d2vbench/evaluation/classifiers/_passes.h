/* Arithmetic of a logistic regression on sparse rows, a pass over memory each.
 *
 * Each function gives the floats of the NumPy expression that its Cython face names: the same
 * operations in the same order, without fusing products with sums. float64 is `double`.
 */
#ifndef D2V_PASSES_H
#define D2V_PASSES_H

#include <stdint.h>

static void d2v_stepped(int64_t n, const double *from, const double *way, double step, double *out)
{
    int64_t i;
    for (i = 0; i < n; i++)
        out[i] = from[i] + step * way[i];
}

static void d2v_mixed(int64_t n, const float *sum, double times, const double *slope, double *out)
{
    int64_t i;
    for (i = 0; i < n; i++)
        out[i] = (double)sum[i] + times * slope[i];
}

static void d2v_slope(int64_t n, const float *over, const double *at, double c, double *out)
{
    int64_t i;
    for (i = 0; i < n; i++)
        out[i] = (double)over[i] + at[i] / c;
}

/* Scores of a row less its largest. */
static void d2v_shifted(int64_t rows, int64_t classes, const double *scores,
                        const double *intercepts, float *out)
{
    int64_t row, k;
    for (row = 0; row < rows; row++, scores += classes, out += classes) {
        float most, each[4];
        for (k = 0; k < classes; k++)
            out[k] = (float)(scores[k] + intercepts[k]);
        /* The largest is the same in any order; four do not wait for each other. */
        for (k = 0; k < 4; k++)
            each[k] = out[k < classes ? k : 0];
        for (; k + 4 <= classes; k += 4) {
            int j;
            for (j = 0; j < 4; j++)
                each[j] = out[k + j] > each[j] ? out[k + j] : each[j];
        }
        for (; k < classes; k++)
            each[0] = out[k] > each[0] ? out[k] : each[0];
        most = each[0] > each[1] ? each[0] : each[1];
        most = each[2] > most ? each[2] : most;
        most = each[3] > most ? each[3] : most;
        for (k = 0; k < classes; k++)
            out[k] -= most;
    }
}

/* Pairwise summation as NumPy does it (pairwise_sum in loops_utils.h.src): eight sums side by side
 * in blocks of up to 128. */
static float d2v_sum(const float *x, int64_t n)
{
    int64_t i;
    int k;
    if (n < 8) {
        float sum = -0.0f;
        for (i = 0; i < n; i++)
            sum += x[i];
        return sum;
    }
    if (n <= 128) {
        float sums[8], sum;
        for (k = 0; k < 8; k++)
            sums[k] = x[k];
        for (i = 8; i < n - n % 8; i += 8)
            for (k = 0; k < 8; k++)
                sums[k] += x[i + k];
        sum = ((sums[0] + sums[1]) + (sums[2] + sums[3])) +
              ((sums[4] + sums[5]) + (sums[6] + sums[7]));
        for (; i < n; i++)
            sum += x[i];
        return sum;
    }
    i = n / 2;
    i -= i % 8;
    return d2v_sum(x, i) + d2v_sum(x + i, n - i);
}

static void d2v_shares(int64_t rows, int64_t classes, float *x, float *total)
{
    int64_t row, k;
    for (row = 0; row < rows; row++, x += classes) {
        const float sum = total[row] = d2v_sum(x, classes);
        for (k = 0; k < classes; k++)
            x[k] /= sum;
    }
}

static void d2v_over(int64_t rows, int64_t classes, const float *sure, const float *truth,
                     float *out, double *tilt)
{
    int64_t row, k;
    for (k = 0; k < classes; k++)
        tilt[k] = 0;
    for (row = 0; row < rows; row++, sure += classes, truth += classes, out += classes)
        for (k = 0; k < classes; k++) {
            out[k] = sure[k] - truth[k];
            tilt[k] += (double)out[k];
        }
}

#endif
