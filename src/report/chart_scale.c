#include <math.h>

#include "base/num.h"
#include "report/chart.h"

/* Steps people count in (Heckbert, "Nice numbers for graph labels", Graphics Gems 1990, with 2.5).
 */
struct chart_scale chart_scale_make(double low, double high, int ticks_max)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    if (!isfinite(low) || !isfinite(high)) low = 0, high = 1;
    if (low > high) {
        double swap = low;
        low = high;
        high = swap;
    }
    if (high - low < 1e-12 * fmax(fabs(high), fabs(low)) || high == low) {
        double room = high == 0 ? 1 : fabs(high) * 0.1;
        if (low >= 0 && low - room < 0)
            low = 0;
        else
            low -= room;
        high += room;
    }
    if (ticks_max < 1) ticks_max = 1;
    double power = pow(10, floor(log10((high - low) / ticks_max)));
    for (int round_up = 0; round_up < 2; round_up++, power *= 10)
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            double step = steps[i] * power;
            /* 1e-9 of a step: a bound on a tick stays there despite rounding. */
            double from = floor(low / step + 1e-9), to = ceil(high / step - 1e-9);
            if (to - from > ticks_max) continue;
            int decimals = (int)fmax(0, -floor(log10(step) + 1e-9));
            if (steps[i] == 2.5 && decimals + 1 > 0 && step < 10) decimals++;
            return (struct chart_scale){from * step, to * step, step, (int)(to - from),
                                        decimals > 9 ? 9 : decimals};
        }
    return (struct chart_scale){low, high, high - low, 1, 2};
}

char *chart_tick_label(struct arena *arena, const struct chart_scale *scale, int tick)
{
    double value = scale->from + tick * scale->step;
    if (fabs(value) < scale->step * 1e-9) value = 0;
    return num_format_grouped(arena, value, scale->decimals);
}
