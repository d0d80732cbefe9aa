/** @file The page's style sheet. */
import { colourDeclarations, sansSerif } from '../theme.ts';
import { diagnosisStyle } from './diagnosis-style.ts';
import { foldStyle } from './fold-style.ts';

/** Colours of the page alone; those that figures share are in `theme.ts`. */
const pageColours = {
  light:
    '--surface:#f6f4ee;--line:#dedbd2;--link:#0b5a86;--good:#00694f;--bad:#9b1c4a;--open:#7a5a00;--failed:#4a5160;',
  dark: '--surface:#1d2026;--line:#343943;--link:#7bbfe9;--good:#5cc8a6;--bad:#f28bb0;--open:#e3b84d;--failed:#b3bac7;',
};

const layout = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1rem/1.6 ${sansSerif};font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,body>header,body>footer{max-width:76rem;margin:0 auto;padding:0 clamp(1rem,4vw,2.5rem)}
h1,h2,h3,h4,p,dl,dd,figure,ul,pre{margin:0}
h1,h2,.quote,.verdict p{font-family:Charter,'Bitstream Charter','Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif;text-wrap:pretty}
h1,h2{text-wrap:balance}
h1{font-size:clamp(1.9rem,1.4rem + 2.2vw,2.9rem);line-height:1.12;font-weight:600;letter-spacing:-.015em}
h2{font-size:clamp(1.5rem,1.25rem + 1.1vw,2.05rem);line-height:1.2;font-weight:600;letter-spacing:-.01em}
h3{font-size:1.15rem;line-height:1.3;font-weight:650;margin:3.25rem 0 1rem}
h4{font-size:.95rem;line-height:1.4;font-weight:650}
a{color:var(--link);text-decoration-thickness:1px;text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.eyebrow{font-size:.84rem;color:var(--muted);margin-bottom:.6rem}
.eyebrow a{color:inherit}
.small,.sub,figcaption,.remark,.pairing{font-size:.875rem;line-height:1.5;color:var(--muted)}
body>header{padding-top:clamp(2.5rem,6vw,4.5rem)}
body>header .tally{margin-top:.9rem;color:var(--muted)}
nav{margin-top:2rem;padding:.8rem 0;border-block:1px solid var(--line);font-size:.9rem}
nav ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.35rem 1.6rem}
nav summary+ul{margin-top:.7rem}
nav a{text-decoration:none}
nav a:hover{text-decoration:underline}
main>section{padding-top:clamp(3.5rem,8vw,6rem);scroll-margin-top:-1.5rem}
#machine h2{margin-bottom:1.2rem}
main>#claims{padding-top:3rem}
main>section:not(.study)+section:not(.study)::before,.study+section:not(.study)::before{content:"";display:block;width:3rem;border-top:2px solid var(--ink);margin-bottom:2.2rem}
body>footer{padding-block:5rem 3rem;color:var(--muted);font-size:.85rem}
`;

const verdicts = `
.badge{display:inline-flex;align-items:center;gap:.35em;padding:.1em .7em .1em .45em;border:1.5px solid var(--tone);border-radius:99em;color:var(--tone);font:600 .84rem/1.6 ${sansSerif};white-space:nowrap}
.badge svg{flex:none;width:1.1em;height:1.1em}
.badge path{fill:none;stroke:currentColor;stroke-width:2.2;stroke-linecap:round;stroke-linejoin:round}
.reproduced{--tone:var(--good)}
.not-reproduced{--tone:var(--bad)}
.inconclusive{--tone:var(--open)}
.precondition-failed,.not-run{--tone:var(--failed)}
.badge.reproduced,.badge.not-reproduced{background:var(--tone);color:var(--paper)}
.badge.precondition-failed{border-style:dashed}
.badge.not-run{border-style:dotted;font-weight:500}
.quote{margin-top:.9rem;max-width:46rem;font-size:1.15rem;line-height:1.5;font-style:italic;color:var(--muted)}
.verdict{margin-top:1.8rem;max-width:52rem}
.verdict p{margin-top:.7rem;font-size:clamp(1.2rem,1.1rem + .5vw,1.45rem);line-height:1.42}
.training .verdict p{margin-top:0}
`;

const figures = `
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,19.5rem),1fr));gap:0 1.5rem;margin-top:2.75rem}
.panels figure{display:grid;grid-row:span 3;grid-template-rows:subgrid;margin-bottom:2.25rem}
.panels h4{align-self:end}
.lone{margin-top:3rem;max-width:54rem}
figure h4{margin-bottom:.7rem}
figcaption{margin-top:.6rem;max-width:46rem}
figure svg{display:block;width:100%;height:auto;overflow:visible}
.panels svg,svg.panel{max-width:27rem}
.lone svg.panel{display:none}
.lone .diagram svg{display:block;width:auto;max-width:none;margin:0 auto}
.table{margin-top:2.75rem}
h3+.panels,h3+.lone{margin-top:0}
`;

const tables = `
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.45}
th,td{padding:.55rem 1.2rem .55rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.8rem;font-weight:600;color:var(--muted);vertical-align:bottom;border-bottom-color:var(--muted)}
tbody th{font-weight:600}
.number{text-align:right}
.interval{white-space:nowrap}
th button{all:unset;position:relative;cursor:pointer}
th button:focus-visible{outline:2px solid var(--link);outline-offset:2px}
th button::after{position:absolute;left:100%;padding-left:.15em}
th button:hover{color:var(--ink)}
th[aria-sort=ascending] button::after{content:"↑"}
th[aria-sort=descending] button::after{content:"↓"}
.scroll{overflow-x:auto}
.scroll th,.scroll td{white-space:nowrap}
.claims{margin-top:1.5rem}
.claims td{padding-block:.9rem}
.group h3{margin:2.75rem 0 0}
.group .claims{margin-top:.75rem}
.claims .thumbnail{width:9rem}
.thumbnail a{display:block;width:8.25rem;padding:.15rem;border:1px solid var(--line);border-radius:.3rem}
.thumbnail a:hover{border-color:var(--link)}
.thumbnail svg{display:block;width:100%;height:auto;max-height:5.5rem}
.claim-cell{min-width:15rem;width:29%}
.claims td:nth-child(5){width:25%}
.misstated{display:inline-block;margin-top:.45rem;padding-left:.55rem;border-left:3px solid var(--open);color:var(--open);font-size:.84rem}
.filter{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:1.6rem}
.filter button,.fold-controls button{padding:.2rem .8rem;border:1px solid var(--line);border-radius:99em;background:none;color:var(--ink);font:.84rem/1.5 ${sansSerif};cursor:pointer}
.filter button[aria-pressed=true]{background:var(--ink);border-color:var(--ink);color:var(--paper)}
[hidden]{display:none!important}
.claim-cell>a:first-child{font-weight:600}
.sub{display:block;margin-top:.2rem}
.claims .effects{font-size:.84rem}
.effects>div{display:grid;grid-template-columns:1.3rem auto;margin-bottom:.35rem}
.effects dt{grid-row:span 9;font-weight:600;color:var(--muted)}
.effects dd{grid-column:2}
.effects .not-reproduced dd:first-of-type{color:var(--bad)}
.pairing{white-space:nowrap}
`;

const parts = `
.part{padding:1.15rem 0 1.35rem;border-top:1px solid var(--line)}
.part header{display:grid;grid-template-columns:2rem minmax(0,1fr) auto;gap:.2rem .6rem;align-items:baseline}
.part .letter{font-weight:650;color:var(--muted)}
.part .claim{font-size:1.08rem;line-height:1.45;max-width:44rem}
.part .effect,.part table,.part .remark{margin-left:2.6rem}
.part table{width:calc(100% - 2.6rem);margin-top:1rem}
.part .remark{margin-top:.8rem;max-width:44rem}
.part .effect{margin-top:.6rem;font-size:.9rem;color:var(--muted);max-width:44rem}
.effect div{display:flex;gap:.6rem}
.effect dt{flex:none;width:4.8rem}
.effect dd{color:var(--ink)}
.part tr:last-child>*{border-bottom:0}
.part table{table-layout:fixed}
.part th:nth-child(-n+2){width:23%}
.part th:nth-child(4){width:25%}
.seeds{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:0 1.1rem}
.seeds li{white-space:nowrap}
.seed{color:var(--muted);font-size:.8rem}
.notes{margin-top:1.5rem;padding:1.3rem 1.5rem;background:var(--surface);border-radius:.4rem}
.notes ul{margin-top:.5rem;padding-left:1.1rem}
.notes li+li{margin-top:.45rem}
.notes li{max-width:46rem}
.misstatements{margin-top:1.5rem;padding:1.3rem 1.5rem;border-left:3px solid var(--open);background:var(--surface);scroll-margin-top:1rem}
.misstatements dl div{margin-top:.9rem;max-width:46rem}
.misstatements dd,.statements dd{margin-top:.25rem}
figure:target,.misstatements:target{outline:2px solid var(--link);outline-offset:.6rem;border-radius:.2rem}
tr:target{outline:2px solid var(--link);outline-offset:-2px;scroll-margin-top:1.5rem}
figure{scroll-margin-top:1.5rem}
`;

const gallery = `
.gallery>section{scroll-margin-top:1rem}
.gallery>.small{margin-top:.9rem;max-width:46rem}
.gallery h3 .sub{font-weight:400}
.exhibits{display:grid;grid-auto-flow:dense;grid-template-columns:repeat(auto-fill,minmax(min(100%,19.5rem),1fr));gap:1.25rem 1.5rem}
.exhibit{display:flex;flex-direction:column;gap:.55rem;padding:1rem 1.1rem;border:1px solid var(--line);border-radius:.4rem;break-inside:avoid}
.exhibit .quoted{font-family:Charter,'Bitstream Charter','Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif;font-size:1.02rem;line-height:1.45;font-style:italic}
.exhibit .sub{margin:0}
.exhibit ul{list-style:none;padding:0;font-size:.875rem}
.exhibit li+li{margin-top:.3rem}
.exhibit .badge{font-size:.76rem}
.again-row{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17.5rem),1fr));gap:1rem}
.exhibit.several{grid-column:1/-1}
.again{display:grid;grid-row:span 2;grid-template-rows:subgrid;gap:.3rem;font-size:.84rem;max-width:27rem}
.again svg{display:block;width:100%;height:auto;overflow:visible}
.gallery h4{margin-top:1.9rem}
.statements div{padding:.7rem 0;max-width:48rem;border-bottom:1px solid var(--line)}
.statements{font-size:.92rem}
.to-come{padding-left:1.1rem;font-size:.92rem}
.to-come li{padding:.35rem 0;max-width:52rem}
.to-come i{font-family:Charter,'Bitstream Charter','Iowan Old Style','Palatino Linotype',Palatino,Georgia,serif}
.statements .badge{font-size:.76rem}
`;

const details = `
.pairs{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:0 2.5rem;font-size:.9rem}
.pairs div{display:grid;grid-template-columns:9rem minmax(0,1fr);gap:.75rem;padding:.45rem 0;border-bottom:1px solid var(--line)}
.pairs dt{color:var(--muted)}
h4+.definitions{margin-top:.4rem}
.pairs+h4{margin-top:2rem}
.definitions div{padding:.7rem 0;max-width:48rem}
.definitions dt{font-weight:600;font-size:.95rem}
.definitions dd{font-size:.92rem}
.mode{margin-left:.4rem;padding:.05em .5em;border:1px solid var(--line);border-radius:.3em;font-weight:400;font-size:.78rem;color:var(--muted);white-space:nowrap}
.command{position:relative;background:var(--surface);border-radius:.4rem}
pre{padding:.9rem 5rem .9rem 1.1rem;overflow-x:auto;font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.command button{position:absolute;top:.55rem;right:.6rem;padding:.25rem .7rem;border:1px solid var(--line);border-radius:.3rem;background:var(--paper);color:var(--ink);font:.8rem ${sansSerif};cursor:pointer}
.command+.small{margin-top:.6rem}
.glossary{margin-top:2.5rem}
summary{cursor:pointer}
.more{margin-top:1.5rem}
nav summary,.glossary summary,.more summary{font-weight:600;color:var(--link)}
.glossary>div{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,19rem),1fr));gap:0 3rem}
.glossary h3{margin-top:1.8rem}
.glossary dl div{padding:.5rem 0}
.glossary dt{font-weight:600;font-size:.92rem}
.glossary dd{font-size:.9rem;color:var(--muted);margin-top:.15rem}
`;

const narrow = `
@media screen and (max-width:50rem){
.study summary{grid-template:"name" auto "badge" auto "words" auto/minmax(0,1fr);gap:.3rem;justify-items:start}
.glance>div,.answer>div{grid-template-columns:minmax(0,1fr)}
.lone svg.wide{display:none}
.lone svg.panel{display:block}
.lone .diagram svg{display:block;margin:0}
.stack,.stack tbody,.stack tr,.stack td,.stack tbody th{display:block;padding:0;border:0}
.stack thead{display:none}
.stack tr{padding:1rem 0;border-bottom:1px solid var(--line)}
.stack td,.stack tbody th{padding:.2rem 0}
.stack td[data-label]{display:grid;grid-template-columns:4.2rem minmax(0,1fr);gap:.5rem}
.stack td[data-label]::before{content:attr(data-label);color:var(--muted);font-size:.8rem;line-height:1.75}
.pairing{white-space:normal}
.stack td.thumbnail{float:right;width:auto;margin-left:1rem}
.thumbnail a{width:6.2rem}
.claims .claim-cell,.claims td:nth-child(5){width:auto}
.part header{grid-template-columns:1.4rem minmax(0,1fr)}
.part header .badge{grid-column:2;justify-self:start;margin-top:.4rem}
.part .effect,.part table,.part .remark{margin-left:2rem}
.part table{width:calc(100% - 2rem)}
.part .stack th,.part .stack td{width:auto}
.pairs div{grid-template-columns:7rem minmax(0,1fr)}
}
`;

const print = `
@media print{
body{font-size:10pt}
body>header{padding-top:0}
nav,.filter,.fold-controls,.command button{display:none}
details::details-content{content-visibility:visible;block-size:auto}
.fold>summary,.study .quote,.folded>.eyebrow{margin-left:0;padding-left:0}
.fold>summary::before{display:none}
main>section{padding-top:2rem;break-before:auto}
figure,.part,.notes,tr,.verdict{break-inside:avoid}
h2,h3,h4{break-after:avoid}
.badge,.notes{print-color-adjust:exact;-webkit-print-color-adjust:exact}
.panels{grid-template-columns:repeat(2,1fr)}
.claims{font-size:8pt}
.interval,.pairing{white-space:normal}
.claims :is(.sub,.pairing,.interval,.badge,.effects,.misstated){font-size:inherit}
.claims .thumbnail,.thumbnail a{width:5rem}
.claim-cell{min-width:0}
th button{display:contents}
th,td{padding-right:.7rem}
.scroll{overflow:visible}
.scroll th,.scroll td{white-space:normal;font-size:7.5pt;padding-right:.5rem}
a{color:inherit}
}
`;

/** Everything between `<style>` and `</style>`. */
export const style: string = [
  `:root{${colourDeclarations('light')}${pageColours.light}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${colourDeclarations('dark')}${pageColours.dark}}}`,
  layout,
  verdicts,
  foldStyle,
  figures,
  tables,
  parts,
  gallery,
  details,
  diagnosisStyle,
  narrow,
  print,
].join('\n');
