/** @file How the check of a figure looks in a report: the part of its style sheet that only reports with twins have. */

/** In the colours of the report's page. */
export const checkStyle: string = `
.check{--tone:var(--muted);margin-top:.8rem;padding-left:.8rem;border-left:3px solid var(--line)}
.check[data-state=same]{--tone:var(--good)}
.check[data-state=differs]{--tone:var(--bad)}
.check[data-state=failed]{--tone:var(--open)}
.check:is([data-state=same],[data-state=differs],[data-state=failed]){border-left-color:var(--tone)}
.check-row{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem .8rem}
.check button{padding:.25rem .8rem;border:1px solid var(--line);border-radius:.3rem;background:var(--paper);color:var(--ink);font:inherit;cursor:pointer}
.check button:hover{border-color:var(--link)}
.check progress{flex:1;min-width:6rem;max-width:14rem;height:.6rem;accent-color:var(--link)}
.check button:disabled{color:var(--muted);border-style:dashed;cursor:default}
.check-left{color:var(--muted)}
.check-data{display:grid;gap:.4rem;margin-top:.4rem}
.check-data input{max-width:100%;font:inherit}
.check-said{margin-top:.4rem}
.check strong{color:var(--tone)}
.check details{margin-top:.3rem}
.check summary{color:var(--link)}
.check details p{margin-top:.4rem}
.check-hash{overflow-wrap:anywhere}
@media print{.check button,.check-data,.check progress,.check details,.check[data-state=idle]{display:none}}
`;
