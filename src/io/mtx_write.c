#include "base/number.h"
#include "io/mtx.h"

/* The array format goes down the columns. */
nmf_status mtx_write(sink *out, const nmf_table *table) {
    nmf_status status = sink_printf(out, "%%%%MatrixMarket matrix array real general\n%lld %lld\n",
                                    (long long)table->rows, (long long)table->cols);
    for (int64_t j = 0; j < table->cols; j++) {
        for (int64_t i = 0; i < table->rows && status == NMF_OK; i++) {
            char text[NUMBER_ROOM];
            double value = dtype_get(table->dtype, table->values, i * table->cols + j);
            int length = number_print(value, table->dtype, text);
            text[length] = '\n';
            status = sink_write(out, text, (size_t)length + 1);
        }
    }
    return status;
}
