/* The forecast of a scenario in plain C, to measure the kernel against; nothing in `sim` uses it.

   It does what `sim.kernel` does, with the same draws, the same order of floating-point operations
   and the same tally, written as one would write it in C: structs, a binary heap for what comes
   next, exp and log of libm. `benchmarks/native.py` compiles it and gives it a Program's arrays. */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400, BLOCKS = 4, FEATURES = 14, MAX_COUNTED = 5, MAX_POINTS = 62 };
enum { OPEN, CUT_OFF, PRISONER_ONLY, CORRIDOR };
/* sim.events.KINDS */
enum {
    AGREED, HELD, CALL, TALK, COPRESENCE, REFUSED, CANCELLED, CUT, RESTORED, DETAINED, SENTENCED,
    PROPOSED, SWAP_REFUSED, RELEASED, SUSPENDED, RESUMED, ESCALATION, DEESCALATION, STATEMENT,
    DELIVERED, REQUESTED, UNANSWERED, POSTPONED, AGREEMENT, OPENING, CLOSING, TALKS, KINDS
};
/* sim.program.STREAM_KINDS: the acts, then what the world brings */
enum { MEET, ASK_CALL, RAISE, APPROACH, CANCEL, CUT_ACT, SWAP, ESCALATES, DEESCALATES, DETAINS };
/* sim.doctrine.DECISIONS: the acts, then these */
enum { ACCEPT_MEET = 7, ACCEPT_CALL, ACCEPT_RAISE, ACCEPT_APPROACH, ACCEPT_SWAP, TELL, DECISIONS };
enum { AS_IS, PLAYED_DOWN, DENIED };
enum { GRIEVANCE = 0, GOODWILL = 2, WAR = 4, SHOCK = 6, STOCKS = 8 }; /* two sides each; war has one */
/* sim.scenario.attention.TOWARD */
enum { INITIATOR, OTHER, BOTH };
enum { STATE_AT, STATE_BY, SHARE, FIRST_TIME, EVENT_BY };
enum { SWITCHES = 1, FACTS = 2, MEETINGS = 3 };

#define NO_TIME (-(INT64_C(1) << 62))
#define NEVER (INT64_C(1) << 62)

/* sim.kinds.EFFECTS */
enum { CONTACT, CORRIDOR_TALK, CUTS };
/* sim.rulebook.SUPPORTS: what contact keeps alive, widest first */
enum { GENERAL, DETAINEES, WORDS, SUPPORTS };
static const int alive[SUPPORTS] = {OPEN, PRISONER_ONLY, CORRIDOR};
static const int slot_of[4] = {GENERAL, -1, DETAINEES, WORDS};

/* What Python hands over: the Program's arrays, row by row, and where to add up. */
typedef struct {
    int64_t as_of, until, observe, grid_first, grid_step, grid, shared;
    int64_t channels, dyads, streams, facts, before, switches, forums, parties, outcomes;
    const int64_t *dyad_party, *held, *bound, *suspended;
    const int64_t *ch_party, *ch_dyad, *ch_initial, *ch_since, *ch_lapse, *ch_complete, *ch_until;
    const int64_t *st_kind, *st_channel, *st_side, *st_forum, *st_at, *st_key, *st_by, *st_holder,
        *st_national, *st_coin;
    const double *st_rate, *st_severity;
    const int64_t *fa_kind, *fa_channel, *fa_by, *fa_reading, *fa_confined, *fa_persons,
        *fa_national, *fa_holder, *fa_lo, *fa_hi, *fa_wish, *fa_key, *fa_meeting, *fa_cause_start,
        *fa_causes, *fa_rank, *fa_elsewhere, *fa_word, *fa_opens;
    const double *fa_severity;
    const int64_t *bu_row, *bu_key;
    const int64_t *fo_lo, *fo_hi, *fo_attends, *fo_word, *ch_word, *party_word;
    const int64_t *ro_stream, *ro_toward, *ro_key;
    const double *ro_mean, *ro_tau;
    const int64_t *ch_opens, *ch_row, *dy_opens, *dy_row;
    const int64_t *effect;
    const double *raises, *decay, *lead;
    const double *weights;
    const int64_t *doctrine, *sw_at, *sw_party, *sw_doctrine;
    const int64_t *q_type, *q_channel, *q_view, *q_states, *q_lo, *q_hi, *q_kinds, *q_by, *q_least,
        *q_people;
} Program;

typedef struct {
    int64_t raster_rows, log_rows;
    int64_t *values, *occupancy, *moves, *exposure, *events;
    int8_t *raster;
    int64_t *log; /* [log_rows, 16], or none */
    double *log_severity;
} Tally;

/* What something came of: the words of a stream, a burst or a name, and a number in it. */
typedef struct {
    int64_t key[2], n;
} Origin;

typedef struct {
    int64_t at;
    int kind, channel, by, confined, told[2], persons, national, holder, cause, forum, stream, fact;
    int64_t meeting;
    double severity;
    Origin of;
} Event;

typedef struct {
    int state;
    int64_t since, contact, until[SUPPORTS];
    int64_t from; /* since when it counts for outcomes: an initial state has always been so */
} View;

typedef struct {
    View view[3]; /* the observer's, then each side's */
    int pending, by, cause;
    int64_t meeting;
    double tell[2];
    Origin of;
} Channel;

typedef struct {
    int held[2], suspended;
    double stock[STOCKS];
    int64_t touched[STOCKS];
} Dyad;

typedef struct {
    double days, chance;
    int64_t n;
} Pace;

/* Opportunities that an event has opened; `of` is what its next one comes of. */
typedef struct {
    int row;
    int64_t opened;
    double total, chance;
    Origin of;
} Burst;

/* What comes next of a source: seconds since the start, then the rank of the source; and of a burst
   its number, in the order in which they opened. The routine has 0, so it comes first. */
typedef struct {
    uint64_t key;
    int64_t burst;
} Entry;

typedef struct {
    const Program *p;
    Tally *t;
    uint64_t seed;
    int64_t replication, row, place, logged, next_switch, next_fact;
    Channel *channel;
    Dyad *dyad;
    Pace *pace;
    Burst *burst;
    int *doctrine, *order, *spoken;
    int64_t *instant, bursts, burst_room;
    Entry *heap;
    int size, bits, room;
} World;

/* ------------------------------------------------------------------------------------- draws */

static inline void philox(uint32_t c[4], uint32_t k0, uint32_t k1)
{
    for (int round = 0; round < 10; round++) {
        uint64_t x = UINT64_C(0xD2511F53) * c[0], y = UINT64_C(0xCD9E8D57) * c[2];
        c[0] = (uint32_t)(y >> 32) ^ c[1] ^ k0;
        c[1] = (uint32_t)y;
        c[2] = (uint32_t)(x >> 32) ^ c[3] ^ k1;
        c[3] = (uint32_t)x;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
}

static inline void uniforms(const World *w, const int64_t *key, int64_t index, double out[2])
{
    uint32_t c[4] = {(uint32_t)index, (uint32_t)w->replication, (uint32_t)key[0], (uint32_t)key[1]};
    philox(c, (uint32_t)w->seed, (uint32_t)(w->seed >> 32));
    out[0] = ((double)(int64_t)((uint64_t)c[0] << 20 | c[1] >> 12) + 0.5) * 0x1p-52;
    out[1] = ((double)(int64_t)((uint64_t)c[2] << 20 | c[3] >> 12) + 0.5) * 0x1p-52;
}

static inline int64_t max64(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t min64(int64_t a, int64_t b) { return a < b ? a : b; }

/* ------------------------------------------------------------------------------------ the heap */

static inline int before(const Entry *a, const Entry *b)
{
    return a->key < b->key || (a->key == b->key && a->burst < b->burst);
}

static Entry entry(const World *w, int rank, int64_t at, int64_t burst)
{
    return (Entry){(uint64_t)(at - w->p->as_of) << w->bits | (uint64_t)rank, burst};
}

static void sink(World *w, Entry e)
{
    Entry *heap = w->heap;
    int n = 0, size = w->size;
    for (int child = 1; child < size; child = 2 * n + 1) {
        if (child + 1 < size && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &e))
            break;
        heap[n] = heap[child];
        n = child;
    }
    heap[n] = e;
}

static void push(World *w, int rank, int64_t at, int64_t burst)
{
    if (at < w->p->as_of || at >= w->p->until)
        return;
    if (w->size == w->room)
        w->heap = realloc(w->heap, sizeof *w->heap * (size_t)(w->room *= 2));
    Entry e = entry(w, rank, at, burst), *heap = w->heap;
    int n = w->size++;
    while (n > 0 && before(&e, &heap[(n - 1) / 2])) {
        heap[n] = heap[(n - 1) / 2];
        n = (n - 1) / 2;
    }
    heap[n] = e;
}

static void pop(World *w)
{
    Entry last = w->heap[--w->size];
    if (w->size > 0)
        sink(w, last);
}

/* -------------------------------------------------------------------------------------- bursts */

/* Draw when a burst brings its next opportunity; the end of the run where it brings no more. */
static int64_t next_point(World *w, Burst *b)
{
    const Program *p = w->p;
    while (++b->of.n < MAX_POINTS) {
        double pair[2];
        uniforms(w, b->of.key, b->of.n * BLOCKS, pair);
        b->total += -log(pair[0]);
        double left = 1.0 - b->total / p->ro_mean[b->row];
        if (left <= 0.0)
            break;
        double days = -p->ro_tau[b->row] * log(left);
        int64_t at = b->opened + 1 + (int64_t)(days * DAY_S);
        b->chance = pair[1];
        if (at >= p->as_of) /* what lies before was history's */
            return at;
    }
    return p->until;
}

static void open_burst(World *w, int row, int64_t at, int64_t lo, int64_t hi)
{
    const Program *p = w->p;
    if (w->bursts == w->burst_room)
        w->burst = realloc(w->burst, sizeof *w->burst * (size_t)(w->burst_room *= 2));
    Burst *b = &w->burst[w->bursts++];
    *b = (Burst){.row = row, .opened = at, .of = {{lo, hi}, -1}};
    push(w, MEETINGS + (int)(p->channels + p->ro_stream[row]), next_point(w, b), w->bursts);
}

/* Open the bursts, of some rows, of a simulated event. */
static void open_rows(World *w, const int64_t *row, const int64_t *end, const Event *e)
{
    const Program *p = w->p;
    int64_t by = e->national >= 0 ? e->holder : e->by;
    for (; row < end; row++) {
        int mine = p->st_by[p->ro_stream[*row]] == by;
        if (p->ro_toward[*row] != BOTH && mine != (p->ro_toward[*row] == INITIATOR))
            continue;
        const int64_t *key = p->ro_key + 2 * *row;
        /* an exchange brings two releases at once; who is freed tells them apart */
        int64_t apart = e->kind == RELEASED ? p->party_word[e->national] : 0;
        uint32_t words[4] = {
            (uint32_t)e->of.key[0], (uint32_t)e->of.key[1], (uint32_t)e->of.n, (uint32_t)key[0],
        };
        philox(words, (uint32_t)key[1], (uint32_t)apart);
        open_burst(w, (int)*row, e->at, words[0], words[1]);
    }
}

static int reaches(const Program *p, const Event *e, int dyad)
{
    int64_t a = p->dyad_party[2 * dyad], b = p->dyad_party[2 * dyad + 1];
    if (e->national >= 0)
        return (a == e->national && b == e->holder) || (b == e->national && a == e->holder);
    return e->by < 0 || e->by == a || e->by == b;
}

static void attend(World *w, const Event *e)
{
    const Program *p = w->p;
    if (e->fact >= 0) {
        for (int64_t b = p->fa_opens[e->fact]; b < p->fa_opens[e->fact + 1]; b++)
            open_burst(w, (int)p->bu_row[b], e->at, p->bu_key[2 * b], p->bu_key[2 * b + 1]);
    } else if (e->channel >= 0) {
        const int64_t *start = p->ch_opens + e->kind * p->channels + e->channel;
        open_rows(w, p->ch_row + start[0], p->ch_row + start[1], e);
    } else {
        for (int d = 0; d < p->dyads; d++) {
            const int64_t *start = p->dy_opens + e->kind * p->dyads + d;
            if (reaches(p, e, d))
                open_rows(w, p->dy_row + start[0], p->dy_row + start[1], e);
        }
    }
}

/* ------------------------------------------------------------------------------------- folding */

static int on_grid(const Program *p, int64_t at)
{
    int64_t ahead = at - p->grid_first;
    if (ahead <= 0)
        return 0;
    return (int)min64(p->grid, (ahead + p->grid_step - 1) / p->grid_step);
}

static void leave(World *w, int channel, int v, int64_t at)
{
    const Program *p = w->p;
    View *view = &w->channel[channel].view[v];
    int64_t spent = at - max64(view->since, p->observe);
    if (spent > 0)
        w->t->exposure[12 * channel + 4 * v + view->state] += spent;
    if (v == 0 && w->row < w->t->raster_rows) {
        int8_t *line = w->t->raster + (w->row * p->channels + channel) * p->grid;
        int from = on_grid(p, view->from), to = on_grid(p, at);
        if (to > from)
            memset(line + from, view->state, (size_t)(to - from));
    }
    int64_t *values = w->t->values + w->row * p->outcomes;
    for (int q = 0; q < p->outcomes; q++) {
        if (p->q_type[q] == EVENT_BY || p->q_channel[q] != channel || p->q_view[q] != v ||
            !p->q_states[4 * q + view->state])
            continue;
        int64_t lo = p->q_lo[q], hi = p->q_hi[q];
        if (p->q_type[q] == STATE_AT) {
            if (view->from <= hi - 1 && hi - 1 < at)
                values[q] = 1;
        } else if (p->q_type[q] == SHARE) {
            values[q] += max64(0, min64(at, hi) - max64(view->since, lo));
        } else if (values[q] < 0 && (view->from >= lo || at >= lo)) {
            values[q] = max64(0, view->from - lo);
        }
    }
}

static void change(World *w, int channel, int v, int64_t at, int after)
{
    const Program *p = w->p;
    View *view = &w->channel[channel].view[v];
    leave(w, channel, v, at);
    int g = on_grid(p, at), before = view->state;
    if (g < p->grid) {
        int64_t *cell = w->t->occupancy + 4 * ((3 * channel + v) * p->grid + g);
        cell[before]--; /* differences; added up along the grid at the end */
        cell[after]++;
    }
    if (at >= p->observe)
        w->t->moves[16 * (3 * channel + v) + 4 * before + after]++;
    view->state = after;
    view->since = view->from = at;
}

static int widest(const View *view, int64_t at)
{
    for (int n = 0; n < SUPPORTS; n++)
        if (at < view->until[n])
            return alive[n];
    return CUT_OFF;
}

static View *settle(World *w, int channel, int v, int64_t at)
{
    View *view = &w->channel[channel].view[v];
    while (view->state != CUT_OFF) {
        int64_t ends = view->until[slot_of[view->state]];
        if (at < ends)
            break;
        change(w, channel, v, ends, widest(view, ends));
    }
    return view;
}

static void keep_alive(const Program *p, View *view, int channel, int n, int64_t at)
{
    const int64_t *lapse = p->ch_lapse + 4 * channel; /* a general contact's, its limit, others */
    int64_t from = max64(at, p->ch_complete[channel]), before = view->until[n];
    int64_t days = n == GENERAL ? lapse[0] : lapse[1 + n], end;
    if (days < 0 || before >= NEVER) {
        view->until[n] = NEVER;
        return;
    }
    end = (n == GENERAL ? max64(before, from) : from) + days;
    if (n == GENERAL && lapse[1] >= 0)
        end = min64(end, from + lapse[1]);
    view->until[n] = max64(before, end);
}

static double stock(const World *w, int dyad, int which, int64_t at)
{
    const Dyad *d = &w->dyad[dyad];
    if (d->stock[which] == 0.0)
        return 0.0;
    return d->stock[which] * exp(-w->p->decay[which / 2] * (double)(at - d->touched[which]));
}

static void add(World *w, int dyad, int which, int64_t at, double amount)
{
    if (amount > 0.0) {
        w->dyad[dyad].stock[which] = stock(w, dyad, which, at) + amount;
        w->dyad[dyad].touched[which] = at;
    }
}

static int reading(const World *w, const Event *e, int v)
{
    if (e->fact >= 0)
        return (int)w->p->fa_reading[3 * e->fact + v];
    if (v == 0 || e->told[v - 1] == AS_IS)
        return e->kind;
    return e->told[v - 1] == PLAYED_DOWN ? TALK : -1;
}

static int agenda(const World *w, const Event *e, int v)
{
    if (e->fact >= 0)
        return (int)w->p->fa_confined[3 * e->fact + v];
    return v == 0 || e->told[v - 1] == AS_IS ? e->confined : 0;
}

static void remember(World *w, const Event *e, int dyad)
{
    const Program *p = w->p;
    Dyad *d = &w->dyad[dyad];
    int treaty = e->kind == SUSPENDED || e->kind == RESUMED;
    if (treaty && !p->bound[dyad])
        return;
    for (int side = 0; side < 2; side++) {
        int party = (int)p->dyad_party[2 * dyad + side];
        int read = e->channel >= 0 ? reading(w, e, 1 + side) : e->kind;
        if (read < 0 || (e->national >= 0 && e->national != party))
            continue;
        if (e->by != party) {
            add(w, dyad, GRIEVANCE + side, e->at, p->raises[read] * e->severity);
            add(w, dyad, SHOCK + side, e->at, p->raises[3 * KINDS + read] * e->severity);
        }
        add(w, dyad, GOODWILL + side, e->at, p->raises[KINDS + read] * e->severity);
    }
    add(w, dyad, WAR, e->at, p->raises[2 * KINDS + e->kind] * e->severity);
    if (e->kind == DEESCALATION) {
        d->stock[WAR] = stock(w, dyad, WAR, e->at) * (1.0 - e->severity);
        d->touched[WAR] = e->at;
    } else if (e->kind == DETAINED || e->kind == RELEASED) {
        int side = p->dyad_party[2 * dyad] == e->national ? 0 : 1;
        int held = d->held[side] + (e->kind == DETAINED ? e->persons : -e->persons);
        d->held[side] = held > 0 ? held : 0;
    } else if (treaty) {
        d->suspended = e->kind == SUSPENDED;
    }
}

static void note(World *w, const Event *e)
{
    const Program *p = w->p;
    Tally *t = w->t;
    if (e->at >= p->observe) {
        t->events[e->kind]++;
        for (int q = 0; q < p->outcomes; q++)
            if (p->q_type[q] == EVENT_BY && p->q_kinds[q * KINDS + e->kind] && p->q_lo[q] <= e->at &&
                e->at < p->q_hi[q] && (p->q_channel[q] < 0 || p->q_channel[q] == e->channel) &&
                (p->q_by[q] < 0 || p->q_by[q] == e->by))
                t->values[w->row * p->outcomes + q] += p->q_people[q] ? e->persons : 1;
    }
    if (w->logged < t->log_rows) {
        int64_t cells[16] = {
            w->replication, e->at, e->kind, e->channel, e->by, e->confined, e->told[0], e->told[1],
            e->persons, e->national, e->holder, e->meeting, e->cause, e->forum, e->stream, e->fact,
        };
        memcpy(t->log + 16 * w->logged, cells, sizeof cells);
        t->log_severity[w->logged] = e->severity;
    }
    w->logged++;
}

static int apply(World *w, const Event *e)
{
    const Program *p = w->p;
    note(w, e);
    for (int v = 0; e->channel >= 0 && v < 3; v++) {
        View *view = settle(w, e->channel, v, e->at);
        int kind = reading(w, e, v);
        if (kind < 0)
            continue;
        int64_t effect = p->effect[kind];
        if (effect < 0)
            continue;
        if (effect == CUTS) {
            for (int n = 0; n < SUPPORTS; n++)
                view->until[n] = NO_TIME;
        } else {
            view->contact = e->at;
            keep_alive(p, view, e->channel, effect == CORRIDOR_TALK ? WORDS : agenda(w, e, v), e->at);
        }
        int after = widest(view, e->at);
        if (after != view->state)
            change(w, e->channel, v, e->at, after);
    }
    if (e->channel >= 0 && e->national < 0) {
        remember(w, e, (int)p->ch_dyad[e->channel]);
    } else {
        for (int d = 0; d < p->dyads; d++)
            if (reaches(p, e, d))
                remember(w, e, d);
    }
    if (e->channel >= 0 && (e->kind == HELD || e->kind == CANCELLED || e->kind == CUT))
        w->channel[e->channel].pending = 0;
    attend(w, e);
    return (int)w->place++;
}

/* ------------------------------------------------------------------------------------ deciding */

static double likelihood(World *w, int decision, int channel, int side, int64_t at)
{
    const Program *p = w->p;
    const View *view = settle(w, channel, 1 + side, at);
    int dyad = (int)p->ch_dyad[channel];
    const Dyad *d = &w->dyad[dyad];
    int doctrine = w->doctrine[p->ch_party[2 * channel + side]];
    const double *weight = p->weights + FEATURES * (DECISIONS * doctrine + decision);
    double logit = weight[0];
    logit += weight[1 + view->state];
    if (weight[5] != 0.0)
        logit += weight[5] * log(1.0 + stock(w, dyad, GRIEVANCE + side, at));
    if (weight[6] != 0.0)
        logit += weight[6] * log(1.0 + stock(w, dyad, GOODWILL + side, at));
    if (weight[7] != 0.0)
        logit += weight[7] * log(1.0 + stock(w, dyad, WAR, at));
    if (weight[8] != 0.0)
        logit += weight[8] * log(1.0 + stock(w, dyad, SHOCK + side, at));
    logit += weight[9] * (double)min64(d->held[side], MAX_COUNTED);
    logit += weight[10] * (double)min64(d->held[1 - side], MAX_COUNTED);
    logit += weight[11] * d->suspended;
    logit += weight[12] * w->channel[channel].pending;
    if (weight[13] != 0.0)
        logit += weight[13] * log(1.0 + (double)(at - view->contact) / DAY_S / 30.0);
    return 1.0 / (1.0 + exp(-logit));
}

static Event event(int64_t at, int kind, int channel, int by)
{
    return (Event){
        .at = at, .kind = kind, .channel = channel, .by = by, .national = -1, .holder = -1,
        .meeting = -1, .cause = -1, .forum = -1, .stream = -1, .fact = -1, .severity = 1.0,
    };
}

static void contact(World *w, Event *e, const double tell[2])
{
    for (int side = 0; side < 2; side++) {
        if (!(tell[side] < likelihood(w, TELL, e->channel, side, e->at)))
            e->told[side] = e->kind == TALK || e->confined ? DENIED : PLAYED_DOWN;
    }
    apply(w, e);
}

static void expect(World *w, const Event *agreed, const double tell[2], int cause)
{
    Channel *c = &w->channel[agreed->channel];
    c->pending = 1, c->meeting = agreed->meeting, c->cause = cause, c->by = agreed->by;
    c->tell[0] = tell[0], c->tell[1] = tell[1], c->of = agreed->of;
}

static int available(World *w, int s, int64_t at)
{
    const Program *p = w->p;
    int channel = (int)p->st_channel[s], side = (int)p->st_side[s];
    const Dyad *d = &w->dyad[p->ch_dyad[channel]];
    switch (p->st_kind[s]) {
    case MEET: return !w->channel[channel].pending;
    case CANCEL: return w->channel[channel].pending;
    case RAISE: return d->held[0] + d->held[1] > 0;
    case SWAP: return d->held[side] > 0;
    case CUT_ACT: return settle(w, channel, 1 + side, at)->state != CUT_OFF;
    case APPROACH: return !w->spoken[p->st_forum[s] * p->channels + channel];
    default: return 1;
    }
}

static void exchange(World *w, const Event *offer, int side, int proposed, double share)
{
    const Program *p = w->p;
    int channel = offer->channel;
    const Dyad *d = &w->dyad[p->ch_dyad[channel]];
    int held[2] = {d->held[side], d->held[1 - side]};
    for (int n = 0; n < 2; n++, side = 1 - side) {
        if (held[n] == 0)
            continue;
        int freed = (int)p->ch_party[2 * channel + side];
        int holder = (int)p->ch_party[2 * channel + 1 - side];
        Event e = event(offer->at, RELEASED, channel, holder);
        e.persons = 1 + (int)(share * (double)held[n]), e.stream = offer->stream, e.of = offer->of;
        e.national = freed, e.holder = holder, e.cause = proposed;
        apply(w, &e);
    }
}

static void agree(World *w, int s, const Origin *of, int64_t at, double lead)
{
    const Program *p = w->p;
    int channel = (int)p->st_channel[s], by = (int)p->st_by[s];
    int64_t ahead = (int64_t)((p->lead[0] + lead * (p->lead[1] - p->lead[0])) * DAY_S), day = at + ahead;
    day -= ((day % DAY_S) + DAY_S) % DAY_S;
    Event e = event(at, AGREED, channel, by);
    e.meeting = day + DAY_S / 2, e.stream = s, e.of = *of;
    int place = apply(w, &e);
    double tell[2];
    uniforms(w, of->key, of->n * BLOCKS + 2, tell);
    expect(w, &e, tell, place);
    push(w, MEETINGS + channel, e.meeting, 0);
}

static void happen(World *w, int s, const Origin *of, int64_t at)
{
    const Program *p = w->p;
    int kind = (int)p->st_kind[s];
    Event e = event(at, DETAINED, -1, (int)p->st_by[s]);
    e.stream = s, e.national = (int)p->st_national[s], e.holder = (int)p->st_holder[s], e.of = *of;
    if (kind == DETAINS) {
        e.persons = 1;
    } else {
        double grade[2], least = p->st_severity[2 * s], most = p->st_severity[2 * s + 1];
        uniforms(w, of->key, of->n * BLOCKS + 1, grade);
        e.kind = kind == ESCALATES ? ESCALATION : DEESCALATION;
        e.channel = (int)p->st_channel[s];
        e.severity = least + grade[1] * (most - least);
    }
    apply(w, &e);
}

static void opportunity(World *w, int s, const Origin *of, int64_t at, double chance)
{
    static const int accepts[] = {ACCEPT_MEET, ACCEPT_CALL, ACCEPT_RAISE, ACCEPT_APPROACH, 0, 0, ACCEPT_SWAP};
    const Program *p = w->p;
    int act = (int)p->st_kind[s], channel = (int)p->st_channel[s], side = (int)p->st_side[s];
    if (act >= ESCALATES) {
        happen(w, s, of, at);
        return;
    }
    if (!available(w, s, at))
        return;
    double likely = likelihood(w, act, channel, side, at);
    if (!(chance < likely))
        return;
    int mine = (int)p->ch_party[2 * channel + side], theirs = (int)p->ch_party[2 * channel + 1 - side];
    int proposed = -1, forum = (int)p->st_forum[s];
    Event e = event(at, CANCELLED, channel, mine);
    e.stream = s, e.of = *of;
    if (act == CANCEL || act == CUT_ACT) {
        if (act == CUT_ACT)
            e.kind = CUT;
        else
            e.cause = w->channel[channel].cause;
        apply(w, &e);
        return;
    }
    if (act == APPROACH)
        w->spoken[forum * p->channels + channel] = 1;
    double answer[2];
    uniforms(w, of->key, of->n * BLOCKS + 1, answer);
    if (p->shared)
        answer[0] = chance / likely;
    int yes = answer[0] < likelihood(w, accepts[act], channel, 1 - side, at);
    if (act == SWAP) { /* an offer is an event of its own; it was answered without its effects */
        e.kind = PROPOSED;
        proposed = apply(w, &e);
    }
    if (act == SWAP && yes) {
        exchange(w, &e, side, proposed, answer[1]);
    } else if (act == MEET && yes) {
        agree(w, s, of, at, answer[1]);
    } else if (yes) {
        double tell[2];
        uniforms(w, of->key, of->n * BLOCKS + 2, tell);
        e.kind = act == APPROACH ? TALK : CALL, e.confined = act == RAISE, e.forum = forum;
        contact(w, &e, tell);
    } else {
        e.kind = act == SWAP ? SWAP_REFUSED : REFUSED, e.by = theirs, e.cause = proposed;
        e.confined = act == RAISE, e.forum = forum;
        apply(w, &e);
    }
}

/* --------------------------------------------------------------------------------------- facts */

static void date_facts(World *w)
{
    const Program *p = w->p;
    for (int f = 0; f < p->facts; f++) {
        int64_t lo = p->fa_lo[f], hi = p->fa_hi[f], wish = p->fa_wish[f];
        for (int64_t n = p->fa_cause_start[f]; n < p->fa_cause_start[f + 1]; n++)
            lo = max64(lo, w->instant[p->fa_causes[n]]);
        if (wish == NO_TIME) {
            double chance[2];
            uniforms(w, p->fa_key + 2 * f, 0, chance);
            wish = lo + (int64_t)(chance[0] * (double)(hi - lo));
        }
        w->instant[f] = min64(max64(wish, lo), hi - 1);
    }
}

static int earlier(const World *w, int f, int g)
{
    return w->instant[f] < w->instant[g] || (w->instant[f] == w->instant[g] && w->p->fa_rank[f] < w->p->fa_rank[g]);
}

static void sort_facts(World *w, int first, int end)
{
    for (int n = first; n < end; n++) { /* nearly in order already */
        int at = n;
        for (; at > first && earlier(w, n, w->order[at - 1]); at--)
            w->order[at] = w->order[at - 1];
        w->order[at] = n;
    }
}

static int64_t meeting_instant(const World *w, int n)
{
    const Program *p = w->p;
    int f = w->order[n];
    int64_t lo = p->fa_meeting[3 * f], hi = p->fa_meeting[3 * f + 1], wish = p->fa_meeting[3 * f + 2];
    if (f < p->before) {
        int64_t ended = p->as_of;
        for (int later = n + 1; later < p->facts; later++) {
            int g = w->order[later];
            int64_t kind = p->fa_kind[g];
            if (g < p->before && p->fa_channel[g] == p->fa_channel[f] &&
                (kind == HELD || kind == CANCELLED || kind == CUT || kind == AGREED)) {
                ended = w->instant[g] + 1;
                break;
            }
        }
        lo = max64(lo, ended);
    }
    lo = max64(lo, w->instant[f] + 1);
    if (hi <= lo)
        return f >= p->before ? lo : NO_TIME;
    if (wish != NO_TIME)
        return max64(wish, lo);
    double when[2];
    uniforms(w, p->fa_key + 2 * f, 1, when);
    return lo + (int64_t)(when[0] * (double)(hi - lo));
}

static int apply_fact(World *w, int n) /* the channel on which it agreed a meeting, or -1 */
{
    const Program *p = w->p;
    int f = w->order[n], agreed = p->fa_kind[f] == AGREED;
    Event e = event(w->instant[f], (int)p->fa_kind[f], (int)p->fa_channel[f], (int)p->fa_by[f]);
    e.confined = (int)p->fa_confined[3 * f], e.severity = p->fa_severity[f], e.fact = f;
    e.persons = (int)p->fa_persons[f], e.national = (int)p->fa_national[f];
    e.holder = (int)p->fa_holder[f];
    e.of = (Origin){{p->fa_word[2 * f], p->fa_word[2 * f + 1]}, 0};
    if (p->fa_elsewhere[f]) { /* on a channel that is not simulated it only opens bursts on others */
        attend(w, &e);
        return -1;
    }
    if (agreed)
        e.meeting = meeting_instant(w, n);
    int place = apply(w, &e);
    if (!agreed)
        return -1;
    double tell[2];
    uniforms(w, p->fa_key + 2 * f, 2, tell);
    expect(w, &e, tell, place);
    return e.channel;
}

/* ----------------------------------------------------------------------------------- the clock */

static int64_t draw_next(World *w, int s)
{
    const Program *p = w->p;
    Pace *pace = &w->pace[s];
    double pair[2];
    uniforms(w, p->st_key + 2 * s, pace->n * BLOCKS, pair);
    pace->chance = pair[1];
    pace->days += -log(pair[0]) / p->st_rate[s];
    double ahead = pace->days * DAY_S;
    return ahead < (double)(p->until - p->as_of) ? p->as_of + (int64_t)ahead : p->until;
}

static void reset(World *w)
{
    const Program *p = w->p;
    for (int c = 0; c < p->channels; c++) {
        Channel *channel = &w->channel[c];
        channel->pending = 0;
        for (int v = 0; v < 3; v++) {
            channel->view[v] = (View){
                .state = (int)p->ch_initial[c], .since = p->ch_since[c], .contact = p->ch_since[c],
                .from = NO_TIME,
            };
            memcpy(channel->view[v].until, p->ch_until + SUPPORTS * c, sizeof channel->view[v].until);
            w->t->occupancy[4 * (3 * c + v) * p->grid + p->ch_initial[c]]++;
        }
    }
    for (int d = 0; d < p->dyads; d++)
        w->dyad[d] = (Dyad){{(int)p->held[2 * d], (int)p->held[2 * d + 1]}, (int)p->suspended[d], {0}, {0}};
    for (int party = 0; party < p->parties; party++)
        w->doctrine[party] = (int)p->doctrine[party];
    memset(w->spoken, 0, sizeof *w->spoken * (size_t)(p->forums * p->channels));
    w->place = w->next_switch = w->size = 0, w->bursts = 0;
    w->next_fact = p->before;
    int64_t *values = w->t->values + w->row * p->outcomes;
    for (int q = 0; q < p->outcomes; q++)
        values[q] = p->q_type[q] == FIRST_TIME || p->q_type[q] == STATE_BY ? -1 : 0;
}

static void push_switch(World *w)
{
    if (w->next_switch < w->p->switches)
        push(w, SWITCHES, max64(w->p->sw_at[w->next_switch], w->p->as_of), 0);
}

static void push_fact(World *w)
{
    const Program *p = w->p;
    while (w->next_fact < p->facts && w->instant[w->order[w->next_fact]] < p->as_of)
        w->next_fact++;
    if (w->next_fact < p->facts)
        push(w, FACTS, w->instant[w->order[w->next_fact]], 0);
}

static void begin(World *w)
{
    const Program *p = w->p;
    push_switch(w);
    push_fact(w);
    for (int c = 0; c < p->channels; c++) {
        if (w->channel[c].pending && w->channel[c].meeting < p->as_of)
            w->channel[c].pending = 0;
        if (w->channel[c].pending)
            push(w, MEETINGS + c, w->channel[c].meeting, 0);
    }
    int first = MEETINGS + (int)p->channels;
    for (int s = 0; s < p->streams; s++) {
        w->pace[s] = (Pace){0};
        if (p->st_forum[s] >= 0) {
            double pair[2];
            uniforms(w, p->st_key + 2 * s, 0, pair);
            w->pace[s].chance = pair[1];
            if (p->st_at[2 * s] < p->as_of)
                continue; /* a forum of the past */
            uniforms(w, p->st_coin + 2 * s, 0, pair);
            int ahead = (pair[0] < 0.5 ? 0 : 1) == p->st_side[s];
            push(w, first + s, p->st_at[2 * s + (ahead ? 0 : 1)], 0);
        } else if (p->st_rate[s] > 0.0) {
            push(w, first + s, draw_next(w, s), 0);
        }
    }
    for (int m = 0; m < p->forums; m++)
        if (p->fo_lo[m] >= p->as_of)
            push(w, first + (int)p->streams + m, p->fo_hi[m] - 1, 0);
}

static void arrive(World *w, int s, int64_t at, int rank, int64_t burst)
{
    const Program *p = w->p;
    Origin of = {{p->st_key[2 * s], p->st_key[2 * s + 1]}, w->pace[s].n};
    double chance = w->pace[s].chance;
    int64_t next = p->until;
    if (burst > 0) {
        Burst *b = &w->burst[burst - 1];
        of = b->of, chance = b->chance;
        next = next_point(w, b);
    } else if (p->st_forum[s] < 0) {
        w->pace[s].n++;
        next = draw_next(w, s);
    }
    if (next < p->until)
        sink(w, entry(w, rank, next, burst));
    else
        pop(w);
    opportunity(w, s, &of, at, chance);
}

static void step(World *w, int rank, int64_t at)
{
    const Program *p = w->p;
    int closing = rank - MEETINGS - (int)p->channels - (int)p->streams;
    pop(w);
    if (rank == SWITCHES) {
        w->doctrine[p->sw_party[w->next_switch]] = (int)p->sw_doctrine[w->next_switch];
        w->next_switch++;
        push_switch(w);
    } else if (rank == FACTS) {
        int c = apply_fact(w, (int)w->next_fact++);
        if (c >= 0)
            push(w, MEETINGS + c, w->channel[c].meeting, 0);
        push_fact(w);
    } else if (closing < 0) {
        Channel *c = &w->channel[rank - MEETINGS];
        if (c->pending && c->meeting == at) {
            Event e = event(at, HELD, rank - MEETINGS, c->by);
            e.cause = c->cause, e.of = c->of;
            contact(w, &e, c->tell);
        }
    } else {
        for (int c = 0; c < p->channels; c++) {
            if (p->fo_attends[closing * p->channels + c] && !w->spoken[closing * p->channels + c]) {
                Event e = event(at, COPRESENCE, c, -1);
                const int64_t *word = p->fo_word + 2 * closing;
                e.forum = closing, e.of = (Origin){{word[0], word[1]}, p->ch_word[c]};
                apply(w, &e);
            }
        }
    }
}

static void finish(World *w)
{
    const Program *p = w->p;
    for (int c = 0; c < p->channels; c++)
        for (int v = 0; v < 3; v++) {
            settle(w, c, v, p->until - 1);
            leave(w, c, v, p->until);
        }
    int64_t *values = w->t->values + w->row * p->outcomes;
    for (int q = 0; q < p->outcomes; q++) {
        if (p->q_type[q] == STATE_BY)
            values[q] = values[q] >= 0 && values[q] < p->q_hi[q] - p->q_lo[q];
        else if (p->q_type[q] == EVENT_BY)
            values[q] = values[q] >= p->q_least[q];
    }
}

static void replicate(World *w)
{
    const Program *p = w->p;
    reset(w);
    date_facts(w);
    sort_facts(w, 0, (int)p->before);
    sort_facts(w, (int)p->before, (int)p->facts);
    for (int n = 0; n < p->before; n++)
        apply_fact(w, n);
    begin(w);
    int first = MEETINGS + (int)p->channels, last = first + (int)p->streams;
    while (w->size > 0) {
        Entry next = w->heap[0];
        int rank = (int)(next.key & ((UINT64_C(1) << w->bits) - 1));
        int64_t at = p->as_of + (int64_t)(next.key >> w->bits);
        if (first <= rank && rank < last)
            arrive(w, rank - first, at, rank, next.burst);
        else
            step(w, rank, at);
    }
    finish(w);
}

/* Run replications, add them to the tally, and return how many events happened. */
int64_t run(const Program *p, Tally *t, int64_t seed, int64_t first, int64_t count)
{
    int sources = MEETINGS + (int)(p->channels + p->streams + p->forums);
    World w = {.p = p, .t = t, .seed = (uint64_t)seed, .bits = 1, .room = 2 * sources, .burst_room = 64};
    while (1 << w.bits <= sources)
        w.bits++;
    w.channel = calloc((size_t)p->channels, sizeof *w.channel);
    w.dyad = calloc((size_t)p->dyads, sizeof *w.dyad);
    w.pace = calloc((size_t)p->streams + 1, sizeof *w.pace);
    w.doctrine = calloc((size_t)p->parties, sizeof *w.doctrine);
    w.order = calloc((size_t)p->facts + 1, sizeof *w.order);
    w.instant = calloc((size_t)p->facts + 1, sizeof *w.instant);
    w.spoken = calloc((size_t)(p->forums * p->channels) + 1, sizeof *w.spoken);
    w.heap = calloc((size_t)w.room, sizeof *w.heap);
    w.burst = calloc((size_t)w.burst_room, sizeof *w.burst);
    for (w.row = 0; w.row < count; w.row++) {
        w.replication = first + w.row;
        replicate(&w);
    }
    for (int64_t view = 0; view < 3 * p->channels; view++)
        for (int64_t cell = 4; cell < 4 * p->grid; cell++)
            t->occupancy[4 * view * p->grid + cell] += t->occupancy[4 * view * p->grid + cell - 4];
    free(w.channel), free(w.dyad), free(w.pace), free(w.doctrine);
    free(w.order), free(w.instant), free(w.spoken), free(w.heap), free(w.burst);
    return w.logged;
}

int64_t program_size(void) { return sizeof(Program); }
