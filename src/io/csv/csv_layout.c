#include "io/csv/csv.h"

#include <math.h>
#include <string.h>
#include <strings.h>

typedef struct line {
    char *text, *end;
    char separator;
} line;

static line line_of(char *text, char separator) {
    line whole = {.end = text + strlen(text), .separator = separator};
    whole.text = csv_trim(text, &whole.end, separator);
    return whole;
}

/* Field `index` of a line that has it. */
static csv_field field_at(const line *from, int64_t index) {
    csv_field field;
    char *at = from->text;
    for (int64_t i = 0; i <= index && at; i++) {
        at = csv_next(at, from->end, from->separator, &field);
    }
    return field;
}

static int64_t count_fields(const line *from) {
    return csv_count(from->text, from->end, from->separator);
}

static int64_t count_numbers(const line *from) {
    int64_t count = 0;
    csv_field field;
    for (char *at = from->text; at;) {
        at = csv_next(at, from->end, from->separator, &field);
        count += csv_is_number(&field);
    }
    return count;
}

/* A separator is the better the more numbers it finds in the last line and the more alike it splits both lines. */
static int64_t score(char separator, char *first, char *second) {
    line one = line_of(first, separator);
    line last = line_of(second ? second : first, separator);
    int64_t fields = count_fields(&one);
    int64_t more = count_fields(&last) - fields;
    if (fields + more < 2) {
        return 0;
    }
    int64_t alike = more == 0 ? 3 : more == 1 ? 2 : 1;
    return alike * (1 + count_numbers(&last));
}

static char choose_separator(char *first, char *second) {
    static const char choices[] = {',', '\t', ';', CSV_BLANKS};
    char best = choices[0];
    int64_t most = score(best, first, second);
    for (size_t i = 1; i < sizeof choices; i++) {
        int64_t found = score(choices[i], first, second);
        if (found > most) {
            most = found;
            best = choices[i];
        }
    }
    return best;
}

static const char *source_of(char separator) {
    switch (separator) {
    case ',':
        return "csv";
    case '\t':
        return "tsv";
    case ';':
        return "text, semicolons";
    case CSV_BLANKS:
        return "text, blanks";
    default:
        return "text";
    }
}

/* "1,5": a number where the decimal point is a comma, which is to be told rather than taken for a name. */
static bool has_decimal_comma(const csv_field *field) {
    size_t before = strspn(field->text, "0123456789");
    const char *rest = field->text + before + 1;
    return before > 0 && before + 1 < field->length && field->text[before] == ',' &&
           before + 1 + strspn(rest, "0123456789") == field->length;
}

/* A number in quotes, next to one that is not, is a name: so is one above a number without quotes. */
static bool begins_with_name(const line *from, int64_t fields) {
    csv_field field = field_at(from, 0);
    bool quoted = fields > 1 && field.quoted && !field_at(from, 1).quoted;
    bool text = !csv_is_number(&field) && !csv_is_missing(&field) && !has_decimal_comma(&field);
    return quoted || text;
}

static bool holds_names(const line *from, const line *below, int64_t begin) {
    csv_field field;
    csv_field under = {.quoted = false};
    char *at = from->text;
    char *at_below = below ? below->text : NULL;
    for (int64_t i = 0; at; i++) {
        at = csv_next(at, from->end, from->separator, &field);
        under.quoted = false;
        if (at_below) {
            at_below = csv_next(at_below, below->end, below->separator, &under);
        }
        bool quoted = below && field.quoted && !under.quoted;
        if (i >= begin && (quoted || (!csv_is_number(&field) && !csv_is_missing(&field)))) {
            return true;
        }
    }
    return false;
}

/* What people write above the names of rows. */
static bool is_usual_corner(const csv_field *corner) {
    static const char *const words[] = {
        "gene",        "genes",      "id",        "name",     "names",        "feature", "features", "row",
        "rows",        "rowname",    "rownames",  "symbol",   "word",         "term",    "sample",   "index",
        "barcode",     "probe",      "channel",   "type",     "mutationtype", "geneid",  "gene_id",  "gene_name",
        "gene_symbol", "ensembl_id", "entrez_id", "entrezid", "cell",         "cell_id", "sample_id"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strlen(words[i]) == corner->length && strncasecmp(words[i], corner->text, corner->length) == 0) {
            return true;
        }
    }
    return false;
}

/* Numbers, from the second field on, each one more than the one before: 2001, 2002, 2003. */
static bool counts_up(const line *from) {
    csv_field field;
    double last = 0;
    char *at = csv_next(from->text, from->end, from->separator, &field);
    for (int64_t i = 1; at; i++) {
        double value;
        at = csv_next(at, from->end, from->separator, &field);
        if (!csv_number(&field, &value) || value != floor(value) || (i > 1 && value != last + 1)) {
            return false;
        }
        last = value;
    }
    return true;
}

/* The first field from `begin` on that is neither a number nor in quotes, where another one is a number. */
static csv_field odd_name(const line *from, int64_t begin) {
    csv_field field;
    csv_field odd = {.length = 0};
    bool numbers = false;
    char *at = from->text;
    for (int64_t i = 0; at; i++) {
        at = csv_next(at, from->end, from->separator, &field);
        if (i >= begin && !field.quoted) {
            bool number = csv_is_number(&field);
            numbers = numbers || number;
            odd = number || odd.length > 0 || csv_is_missing(&field) ? odd : field;
        }
    }
    return numbers ? odd : (csv_field){.length = 0};
}

/* Names that are all numbers: told by the corner above the names of the rows, or by counting up, alone in that. */
static void look_for_numbers_as_names(csv_layout *layout, const line *one, const line *two, int64_t fields) {
    csv_field corner = field_at(one, 0);
    if (layout->col_names || !layout->row_names || fields < 2 || csv_is_number(&corner)) {
        return;
    }
    bool usual = is_usual_corner(&corner);
    /* Two numbers may do so by chance. */
    layout->counts_up = !usual && fields > 3 && counts_up(one) && !counts_up(two);
    layout->col_names = usual || layout->counts_up;
}

/*
 * An empty field before all others is the corner above the names of rows. Where numbers may be missing it can be one of
 * those as well: then what tells is whether names stand beside or below it, or numbers that count up.
 */
static bool has_empty_corner(csv_layout *layout, const line *one, const line *two, bool missing) {
    csv_field corner = field_at(one, 0);
    if (corner.length > 0 || count_fields(one) < 2) {
        return false;
    }
    bool names = corner.quoted || holds_names(one, two, 1) || begins_with_name(two, count_fields(two));
    layout->corner_or_missing = missing && !names;
    return !layout->corner_or_missing || counts_up(one);
}

csv_layout csv_layout_of(char *first, char *second, char separator, bool missing) {
    csv_layout layout = {.separator = separator ? separator : choose_separator(first, second)};
    layout.source = source_of(layout.separator);
    line one = line_of(first, layout.separator);
    line two = line_of(second ? second : first, layout.separator);
    int64_t fields = count_fields(&one);
    int64_t below = count_fields(&two);
    csv_field corner = field_at(&one, 0);
    bool empty_corner = second && has_empty_corner(&layout, &one, &two, missing);
    bool above_numbers = second && fields > 1 && below == fields && is_usual_corner(&corner);
    layout.no_corner = below == fields + 1 && holds_names(&one, NULL, 0);
    bool first_is_name = below > 1 && begins_with_name(&two, below);
    layout.row_names = layout.no_corner || empty_corner || first_is_name || above_numbers;
    layout.numbers_as_names = above_numbers && !first_is_name;
    layout.col_names = layout.no_corner || empty_corner || holds_names(&one, second ? &two : NULL, layout.row_names);
    if (second) {
        look_for_numbers_as_names(&layout, &one, &two, fields);
    }
    if (layout.col_names && !layout.no_corner && !empty_corner && !(layout.row_names && is_usual_corner(&corner))) {
        layout.odd_name = odd_name(&one, layout.row_names);
    }
    layout.columns = fields - (layout.row_names && !layout.no_corner);
    return layout;
}
