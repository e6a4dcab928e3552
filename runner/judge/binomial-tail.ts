/** log(n!) exactly up to 100, beyond that by Stirling's series to 1/(1260 n^5) (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41). */
function logFactorial(n: number): number {
  if (n > 100) return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * n) - 1 / (360 * n ** 3) + 1 / (1260 * n ** 5);
  let sum = 0;
  for (let i = 2; i <= n; i += 1) sum += Math.log(i);
  return sum;
}

/** P(X = k) for X binomial (n, p): C(n, k) p^k (1-p)^(n-k), for 0 < p < 1. */
function density(k: number, n: number, p: number): number {
  return Math.exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
}

/**
 * P(X >= k) for X binomial (n, p), the sum of C(n, i) p^i (1-p)^(n-i) over i from k to n (any textbook; R: `pbinom(k - 1, n, p, lower.tail = FALSE)`).
 * Every term follows from the one before by the ratio (n-i)/(i+1) * p/(1-p).
 * @param k successes, n trials: whole numbers, 0 <= k <= n; p: 0 to 1
 */
export function upperTail(k: number, n: number, p: number): number {
  if (!Number.isInteger(k) || !Number.isInteger(n) || k < 0 || k > n || !(p >= 0 && p <= 1)) throw new RangeError(`No tail of a binomial distribution: ${k} of ${n} at ${p}.`);
  if (k === 0 || p === 1) return 1;
  if (p === 0) return 0;
  // Of the two tails the one without the mean is summed: its terms only fall.
  if (k <= n * p) return 1 - lowerTail(k - 1, n, p);
  let [term, sum] = [density(k, n, p), 0];
  for (let i = k; i <= n && term > sum * 1e-17; i += 1) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return Math.min(1, sum);
}

/** P(X <= k) for X binomial (n, p): the upper tail of the failures. */
export function lowerTail(k: number, n: number, p: number): number {
  if (k === n) return 1;
  if (k > n * p) return 1 - upperTail(k + 1, n, p);
  return upperTail(n - k, n, 1 - p);
}
