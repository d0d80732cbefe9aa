/** @file How a diagnosis looks: the part of the style sheet that is its own. */

/** Levels have the tones of verdicts: a problem is bad, a note is open, an echo is neither. */
export const diagnosisStyle: string = `
.level-problem{--tone:var(--bad)}
.level-note{--tone:var(--open)}
.level-echo{--tone:var(--failed);border-style:dashed}
.badge.level-problem{background:var(--tone);color:var(--paper)}
.diagnosis .verdict{margin:1.4rem 0 2.2rem}
.training.diagnosis .verdict p+p{margin-top:.9rem;font-size:1.05rem;color:var(--muted)}
.diagnosis nav .found{display:grid;gap:.5rem;margin-bottom:1rem}
.diagnosis nav .found li{display:grid;grid-template-columns:10.5rem minmax(0,1fr);align-items:baseline}
.diagnosis nav .badge{justify-self:start}
.finding{padding:1.4rem 0 2rem;border-top:1px solid var(--line);scroll-margin-top:1rem}
.finding header{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:baseline;justify-content:space-between}
.finding header h4{font-size:1.15rem;min-width:0;overflow-wrap:anywhere}
.where{margin-left:.3rem;font-weight:400;color:var(--muted);overflow-wrap:anywhere}
.finding .claim{margin-top:.4rem;font-size:1.08rem;line-height:1.45;max-width:48rem;overflow-wrap:anywhere}
.facts{margin-top:1rem;font-size:.92rem;max-width:48rem}
.facts div{display:grid;grid-template-columns:7rem minmax(0,1fr);gap:.75rem;padding:.2rem 0}
.facts dt{color:var(--muted)}
.facts dd,.diagnosis .verdict p,.diagnosis .pairs dd,h1{overflow-wrap:anywhere}
.beside{display:grid;grid-template-columns:minmax(0,1fr) 26rem;gap:0 3rem;align-items:start}
.finding .panels{margin-top:1rem}
.finding .panels figure{margin-bottom:1rem}
.finding .table{margin-top:1.8rem}
.diagnosis .scroll th:first-child,.diagnosis .scroll td:first-child{position:sticky;left:0;background:var(--paper);padding-left:1px}
.diagnosis h3{scroll-margin-top:1rem}
.what{margin:1.2rem 0 .4rem;font-size:.92rem}
@media (max-width:64rem){
.beside{grid-template-columns:minmax(0,1fr)}
}
@media screen and (max-width:50rem){
.diagnosis nav .found li{grid-template-columns:minmax(0,1fr);gap:.15rem}
.diagnosis .scroll td:first-child{max-width:38vw;overflow:hidden;text-overflow:ellipsis}
}
`;
