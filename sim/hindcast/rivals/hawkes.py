"""Hawkes: each contact makes another one likelier for a while.

The intensity of calls and meetings, a day, is (Hawkes 1971, "Spectra of some self-exciting and
mutually exciting point processes", Biometrika 58)

    m + sum over past contacts of n b exp(-b (t - t_i))

with a base rate m, n children of each contact, and 1/b days until they come. The three numbers
maximise the exact likelihood (Ozaki 1979, "Maximum likelihood estimation of Hawkes' self-exciting
point processes") times a prior: m is Gamma(1/2, 365 days), n is Beta(1.1, 2), and log(1/b) is
Normal around a month with a spread of 1. Contacts of one day share its noon.

The law of the number in d days ahead is exact. A contact and its descendants of the next s days
have the generating function G(z, s) = z exp(F(z, s)) (Hawkes and Oakes 1974, "A cluster process
representation of a self-exciting process", J. Appl. Prob. 11), with

    dF/ds = n b (G - 1) - b F,   F(z, 0) = 0

and the number ahead has exp(m integral of (G - 1) over 0..d + A F(z, d)), A being the sum over past
contacts of exp(-b (now - t_i)). Both are carried forward by Runge and Kutta's fourth order at
points z on the unit circle, whose Fourier transform is the law.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.hindcast.rivals.rates import DAYS, SHAPE, counting, least
from sim.hindcast.seen import MONTH_DAYS, MOST, Law, Seen
from sim.model.compiled_scenario import Floats

POINTS = 128
"""Points on the unit circle: counts of so many and more fold back, and are far out."""
STEPS_A_MONTH = 40
"""Steps of the differential equation, at least; more where contact follows at once."""
CHILDREN, DELAYS = (1e-4, 0.95), (1.0, 365.0)
"""Bounds of the children of a contact, and of the days until they come."""

Complex = NDArray[np.complex128]


def hawkes(seen: Seen, days: list[int]) -> list[Law]:
    """Forecast contact that excites itself."""
    at = np.repeat(np.arange(len(seen)) + 0.5, seen.talks)
    base, children, decay = fitted(at, float(len(seen)))
    excited = float(np.exp(-decay * (len(seen) - at)).sum())
    found = number_ahead(base, children, decay, excited, sorted({*days}))
    return [counting(found[d]) for d in days]


def fitted(at: Floats, span: float) -> tuple[float, float, float]:
    """Return the base rate a day, the children and the decay a day, of contacts at days in order,
    in a span of days."""
    gaps = np.diff(at)

    def lost(x: Floats) -> float:
        base, children, decay = np.exp(x[0]), np.exp(x[1]), np.exp(-x[2])
        still = np.zeros(len(at))  # excitement just before each contact
        for n, fade in enumerate(np.exp(-decay * gaps)):
            still[n + 1] = (still[n] + 1.0) * fade
        seen = np.log(base + children * decay * still).sum()
        passed = base * span + children * (1.0 - np.exp(-decay * (span - at))).sum()
        prior = SHAPE * x[0] - DAYS * base + 1.1 * x[1] + np.log1p(-children)
        prior -= 0.5 * (x[2] - np.log(MONTH_DAYS)) ** 2
        return -float(seen - passed + prior)

    start = np.array([np.log((len(at) + SHAPE) / (span + DAYS)), np.log(0.3), np.log(MONTH_DAYS)])
    bounds = [(-20.0, 5.0), tuple(np.log(CHILDREN)), tuple(np.log(DELAYS))]
    base, children, delay = np.exp(least(lost, start, bounds))
    return float(base), float(children), float(1.0 / delay)


def number_ahead(
    base: float, children: float, decay: float, excited: float, days: list[int]
) -> dict[int, Floats]:
    """Return the probabilities of 0 to `MOST` - 1 contacts in each of some spans of days, in order,
    after an instant at which past contacts have left so much excitement."""
    z = np.exp(2j * np.pi * np.arange(POINTS) / POINTS)
    f, total, done, found = np.zeros_like(z), np.zeros_like(z), 0, {}

    def slope(f: Complex) -> tuple[Complex, Complex]:
        grown = z * np.exp(f) - 1.0
        return children * decay * grown - decay * f, grown

    for d in days:
        steps = int(np.ceil((d - done) * max(STEPS_A_MONTH / MONTH_DAYS, 4.0 * decay)))
        h = (d - done) / steps
        for _ in range(steps):
            a, ga = slope(f)
            b, gb = slope(f + 0.5 * h * a)
            c, gc = slope(f + 0.5 * h * b)
            e, ge = slope(f + h * c)
            f = f + h / 6.0 * (a + 2.0 * b + 2.0 * c + e)
            total = total + h / 6.0 * (ga + 2.0 * gb + 2.0 * gc + ge)
        done = d
        law = np.fft.fft(np.exp(base * total + excited * f)).real / POINTS
        found[d] = np.asarray(law[:MOST])
    return found
