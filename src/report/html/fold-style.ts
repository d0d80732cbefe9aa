/** @file How folds and the claims at a glance look: the part of the style sheet that is theirs. */
import { sansSerif } from '../theme.ts';

/** A folded section is one line: its name, what it came to, and that in words. */
export const foldStyle: string = `
.folding .folded{display:none}
.fold>summary{position:relative;padding:1rem 0 1rem 1.6rem;list-style:none;font-weight:400;color:inherit}
.fold>summary::-webkit-details-marker{display:none}
.fold>summary::before{content:"";position:absolute;left:.15rem;top:1.55rem;width:.5rem;height:.5rem;border:solid var(--muted);border-width:0 2px 2px 0;transform:rotate(-45deg)}
.fold[open]>summary::before{transform:rotate(45deg)}
.fold>summary:hover{background:var(--surface)}
main>.study{padding-top:0;border-top:1px solid var(--line);scroll-margin-top:0}
.study+section:not(.study){border-top:1px solid var(--line)}
#claims+.study{margin-top:3rem}
.study summary h2{grid-area:name}
.study summary{display:grid;grid-template:"name badge" auto "words words" auto/minmax(0,1fr) auto;gap:.15rem 1rem;align-items:baseline}
.study .verdict{display:contents}
.study .verdict .badge{grid-area:badge}
.study .verdict p{grid-area:words;margin:0;max-width:52rem}
.fold:not([open])>summary h2{font:600 1.08rem/1.4 ${sansSerif};letter-spacing:0}
.fold:not([open])>summary .verdict p{font:.875rem/1.5 ${sansSerif};color:var(--muted)}
.fold[open]>summary .verdict p{margin-top:.7rem}
.study .fold[open]>summary{padding-block:2.2rem 0}
.study .fold[open]>summary::before{top:2.95rem}
.study .fold[open]>summary:hover{background:none}
.study>.fold>.folded{padding-bottom:4rem}
.study .quote{margin:1.4rem 0 .5rem 1.6rem}
.folded>.eyebrow{margin-left:1.6rem}
.gallery>section{border-top:1px solid var(--line)}
.gallery>.small{margin-bottom:1.6rem}
.gallery h3,.explanations h3{margin:0}
.explanations{margin-top:3rem}
.explanations>.small{margin:.9rem 0 1.2rem;max-width:46rem}
.explanations>.fold{border-top:1px solid var(--line)}
.explanations h3 .sub{font-weight:400}
.explanations .folded{padding:0 0 1.4rem 1.6rem}
.evidence{list-style:none;margin:.7rem 0;padding:0}
.evidence li{padding:.3rem 0;break-inside:avoid}
.evidence .sub{display:inline;margin-left:.4rem}
.gallery .fold>.folded{padding-bottom:2.5rem}
.fold-controls{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.5rem 1.5rem;margin:clamp(3.5rem,8vw,6rem) 0 .8rem}
.fold-controls>div{display:flex;gap:.5rem}
.answer{margin:0 0 1.6rem;max-width:60rem}
.answer>div{display:grid;grid-template-columns:16rem minmax(0,1fr);gap:.2rem 1rem;padding:.45rem 0;border-bottom:1px solid var(--line);font-size:.9rem}
.answer dt{font-weight:600}
.answer dd{margin:0}
.glance{margin-top:1.4rem}
.glance>div{display:grid;grid-template-columns:12.5rem minmax(0,1fr);gap:.3rem 1rem;padding:.6rem 0;border-bottom:1px solid var(--line)}
.glance ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.15rem 1.4rem;font-size:.9rem}
.glance a{text-decoration:none}
.glance a:hover{text-decoration:underline}
.count{margin-left:.35rem;font-weight:600}
`;
