/** The part of jstat that is used; the package has no types. */
declare module 'jstat' {
  const jStat: {
    readonly studentt: {
      /** The quantile of Student's t with `df` degrees of freedom. */
      inv(probability: number, df: number): number;
    };
  };
  export default jStat;
}
