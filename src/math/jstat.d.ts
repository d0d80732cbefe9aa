/** The part of jstat that is used; the package has no types. */
declare module 'jstat' {
  const jStat: {
    /** The error function. */
    erf(x: number): number;
    /** ln Γ(x). */
    gammaln(x: number): number;
    /** Spearman's rank correlation, equal values sharing the mean of their ranks. */
    spearmancoeff(x: number[], y: number[]): number;
    /** The regularised incomplete beta function I_x(a, b). */
    ibeta(x: number, a: number, b: number): number;
    readonly studentt: {
      /** The quantile of Student's t with `df` degrees of freedom. */
      inv(probability: number, df: number): number;
    };
  };
  export default jStat;
}
