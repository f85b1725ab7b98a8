#include "base/names.h"

#include <string.h>

names names_empty(nmf_context *context) {
    return (names){.context = context};
}

nmf_status names_add(names *list, const char *name, size_t length) {
    int64_t bytes = (int64_t)length + 1;
    nmf_status status =
        buffer_reserve(list->context, (void **)&list->text, &list->text_room, list->text_size + bytes, 1, "the names");
    if (status == NMF_OK) {
        status = buffer_reserve(list->context, (void **)&list->start, &list->start_room, list->count + 1,
                                sizeof *list->start, "the names");
    }
    if (status != NMF_OK) {
        return status;
    }
    memcpy(list->text + list->text_size, name, length);
    list->text[list->text_size + (int64_t)length] = '\0';
    list->start[list->count++] = list->text_size;
    list->text_size += bytes;
    return NMF_OK;
}

const char *names_at(const names *list, int64_t i) {
    return i >= 0 && i < list->count ? list->text + list->start[i] : NULL;
}

nmf_status names_pick(const names *from, const int64_t *list, int64_t count, names *to) {
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < count && from->count > 0 && status == NMF_OK; i++) {
        const char *name = names_at(from, list ? list[i] : i);
        status = names_add(to, name, strlen(name));
    }
    return status;
}

void names_free(names *list) {
    if (list->context) {
        buffer_free(list->context, list->text);
        buffer_free(list->context, list->start);
        *list = (names){.context = list->context};
    }
}
