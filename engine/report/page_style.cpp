#include "engine/report/page_style.h"

namespace consilience::engine {

// Heat: even steps in OKLab from paper to ink, one direction of lightness, text at 4.5:1 or better
// on every step. Lines: hues that stay apart under the common colour deficiencies; markers and
// dashes differ too.
std::string_view page_style() {
  return R"css(
:root{color-scheme:light dark;
--paper:#fdfdfb;--panel:#f5f5f1;--ink:#1b2126;--soft:#55606a;--rule:#d9dad4;--hair:#e8e8e3;--link:#1d5f8a;
--band:#dcdcd6;--warn:#9a4a00;--warn-bg:#fbf1e4;--note:#3f5f78;--note-bg:#eef3f6;--base:#8a5a00;--bar:#98a3ac;
--s0:#1d62a8;--s1:#b1470c;--s2:#00735a;--s3:#8b3f86;--s4:#7a6000;--s5:#4c5560;
--h0:#ecf7f7;--h1:#d3eeed;--h2:#bbe4e5;--h3:#a1dadc;--h4:#85c9d1;--h5:#68b6c6;--h6:#4ca3bb;--h7:#378faf;
--h8:#2d7ba2;--h9:#276794;--h10:#255486;--h11:#254678;--h12:#243869;--h13:#222b5b;--hx:#d8d4cd;
--t0:#161c22;--t1:#161c22;--t2:#161c22;--t3:#161c22;--t4:#161c22;--t5:#161c22;--t6:#161c22;--t7:#161c22;
--t8:#fff;--t9:#fff;--t10:#fff;--t11:#fff;--t12:#fff;--t13:#fff;--mark:#c2410c;--halo:#fff}
@media screen and (prefers-color-scheme:dark){:root{
--paper:#14181d;--panel:#1b2026;--ink:#e4e7e9;--soft:#a3adb6;--rule:#363d45;--hair:#282e35;--link:#86bfe8;
--band:#323940;--warn:#f0b070;--warn-bg:#2b221a;--note:#a8c6dc;--note-bg:#1b252d;--base:#e0b060;--bar:#66727d;
--s0:#74b6f2;--s1:#f3985f;--s2:#53c9a2;--s3:#d9a0d4;--s4:#dcbb55;--s5:#aeb8c2;
--h0:#1d232e;--h1:#222c3f;--h2:#263650;--h3:#294063;--h4:#2b4e75;--h5:#2a5e86;--h6:#266f96;--h7:#2785a8;
--h8:#2f96b2;--h9:#3cabbe;--h10:#51bfc8;--h11:#71d1d1;--h12:#8fe4db;--h13:#adf6e6;--hx:#4a4640;
--t0:#fff;--t1:#fff;--t2:#fff;--t3:#fff;--t4:#fff;--t5:#fff;--t6:#fff;--t7:#080c12;
--t8:#080c12;--t9:#080c12;--t10:#080c12;--t11:#080c12;--t12:#080c12;--t13:#080c12;--mark:#ffb454;--halo:#10141a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);
font:17px/1.58 Charter,"Bitstream Charter","Source Serif 4","Iowan Old Style","Noto Serif",Cambria,Georgia,serif}
main,header,footer{max-width:1128px;margin:0 auto;padding:0 24px}
p,ul,ol,dl.define{max-width:68ch}
p{margin:.7em 0}
h1,h2,h3{line-height:1.22;font-weight:600;text-wrap:balance;overflow-wrap:anywhere}
h1{font-size:2.05rem;margin:.1em 0 .3em;letter-spacing:-.012em}
h2{font-size:1.36rem;margin:2.6em 0 .5em;padding-top:.75em;border-top:1px solid var(--rule)}
h3{font-size:1.06rem;margin:1.9em 0 .5em}
a{color:var(--link);text-underline-offset:2px;text-decoration-thickness:1px}
.sans,nav,table,figure,dl.facts,dl.key,summary,footer,.kicker,.legend,.caveats{
font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif;
font-variant-numeric:tabular-nums lining-nums}
header{padding-top:46px}
.kicker{color:var(--soft);font-size:.8rem;letter-spacing:.07em;text-transform:uppercase;margin:0}
.under{color:var(--soft);margin:.2em 0 1.5em;overflow-wrap:anywhere}
.lead{font-size:1.2rem;line-height:1.5;margin:.6em 0}
.small{font-size:.85rem;line-height:1.5;color:var(--soft);overflow-wrap:anywhere}
nav{font-size:.85rem;margin:1.7em 0 0}
nav ul{list-style:none;padding:0;margin:0;max-width:none;display:flex;flex-wrap:wrap;gap:.2em 1.3em}
nav a{display:inline-block;padding:.2em 0;text-decoration:none}nav a:hover{text-decoration:underline}
dl.key{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));margin:1.7em 0 0;
border-top:1px solid var(--rule);border-bottom:1px solid var(--rule)}
dl.key div{padding:.8em 1em .8em 0}
dl.key dt{font-size:.78rem;color:var(--soft)}
dl.key dd{margin:0;font-size:1.7rem;line-height:1.25}
dl.key dd small{display:block;font-size:.78rem;line-height:1.35;color:var(--soft);overflow-wrap:anywhere}
dl.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:0 2.4em;font-size:.85rem;margin:1.1em 0}
dl.facts div{display:flex;justify-content:space-between;gap:1em;padding:.32em 0;border-bottom:1px solid var(--hair)}
dl.facts dt{color:var(--soft);flex:none;max-width:50%;overflow-wrap:anywhere}dl.facts dd{margin:0;text-align:right;overflow-wrap:anywhere}
dl.define dt{font-weight:600;margin-top:.9em}dl.define dd{margin:.1em 0 0}
.scroll{overflow-x:auto;margin:1.1em 0;max-width:100%}
.scroll:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.85rem;line-height:1.35}
caption{text-align:left;color:var(--soft);padding:0 0 .6em;line-height:1.45}
caption span{display:block;position:sticky;left:0;width:max-content;max-width:min(84ch,100vw - 34px)}
th{font-weight:600;text-align:left}
thead th{vertical-align:bottom;border-bottom:1px solid var(--ink);padding:.4em .75em .4em 0}
tbody th,tbody td{padding:.42em .75em .42em 0;border-bottom:1px solid var(--hair);vertical-align:top}
tbody th{font-weight:500;position:sticky;left:0;background:var(--paper);z-index:1}
th .name{display:block;width:max-content;max-width:15em;overflow-wrap:anywhere}
td.n,th.n{text-align:right;white-space:nowrap}
td small,th small{display:block;color:var(--soft);font-weight:400;font-size:.92em}
td.wrap{min-width:10em;max-width:30em;overflow-wrap:anywhere}
td.text{min-width:7em;max-width:14em;overflow-wrap:anywhere}
td.where{min-width:9em;padding-right:0;max-width:17em;overflow-wrap:anywhere;color:var(--soft)}
tr.group th{position:static;color:var(--soft);font-weight:400;font-size:.92em;padding-top:1em;border-bottom:0;max-width:none}
table.matrix thead th{min-width:4.6em;padding:.4em .5em;text-align:center;font-weight:500}
table.matrix thead .name{max-width:8em;margin:0 auto}
table.matrix thead tr.roles th{border-bottom:0;color:var(--soft);font-weight:400;font-size:.92em;padding-bottom:0}
table.matrix thead th:first-child{text-align:left;padding-left:0}
table.matrix tbody td{text-align:center;border:1px solid var(--paper);padding:.5em .55em;min-width:4.6em}
table.matrix .gap{border-left:10px solid var(--paper)}
table.matrix tbody th{border-bottom:0;vertical-align:middle}
table.matrix thead th:first-child .name{margin:0}
td.none{color:var(--soft);background:var(--panel)}
td b{font-weight:650}
figure{margin:0}
figcaption{font-size:.8rem;line-height:1.42;color:var(--soft);margin:.3em 0 0;overflow-wrap:anywhere}
figcaption strong{color:var(--ink);font-weight:600}
svg{display:block;max-width:100%;height:auto}
svg text{font-size:11px;fill:var(--soft)}svg text.name{fill:var(--ink)}
.maps{display:grid;grid-template-columns:repeat(auto-fill,minmax(232px,1fr));gap:1.8em 1.5em;margin:1.3em 0}
.maps figure{min-width:0}
.map svg{width:100%;max-width:330px}
.read{min-height:1.42em;display:block;color:var(--ink)}
.frame{fill:none;stroke:var(--rule)}.mark{fill:none;stroke:var(--mark);stroke-width:2}.halo{fill:none;stroke:var(--halo);stroke-width:4.5}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,440px),1fr));gap:1.8em}
.chart{overflow-x:auto}.chart svg{min-width:430px;width:100%;max-width:600px}
.grid{stroke:var(--hair)}.axis{stroke:var(--soft)}.band{fill:var(--band)}.tick{stroke:var(--soft)}
.line{fill:none;stroke-width:2}.bar{stroke-width:1.4}.twin{fill:none;stroke-width:1.2;stroke-dasharray:3 3}
.open{fill:var(--paper);stroke-width:1.4}.lead-line{stroke:var(--rule)}
.strip .band{fill:var(--band)}.strip .base{stroke:var(--base);fill:var(--paper);stroke-width:1.6}
.strip .span{stroke:var(--s0);stroke-width:2}.strip .dot{fill:var(--s0)}.strip .chance{stroke:var(--soft);stroke-dasharray:2 2}
.strip{width:180px;min-width:180px}thead svg text{font-weight:400}
.ladder{max-width:960px;margin:1.6em 0 0}.ladder figcaption{margin:0 0 .8em;font-size:.85rem}
.ladder ol{list-style:none;margin:0;padding:0;max-width:none;font-size:.85rem;line-height:1.35}
.ladder li{display:grid;grid-template-columns:19em minmax(0,1fr) 7.5em;column-gap:1.1em;min-height:3.2em}
.ladder .what,.ladder .value{align-self:center;padding:.35em 0;overflow-wrap:anywhere}
.ladder small{display:block;color:var(--soft);font-size:.92em}
.ladder .track{position:relative}.ladder .track svg{position:absolute;inset:0;width:100%;height:100%}
.ladder .score,.ladder .excess{font-weight:600}.ladder .score small,.ladder .excess small{font-weight:400}
.ladder .missing{color:var(--soft)}.ladder .excess{border-top:1px solid var(--rule)}.ladder .scale{min-height:1.9em;border-top:1px solid var(--rule)}
.ladder .fill{fill:var(--bar)}.ladder .chance .fill{fill:none;stroke:var(--soft)}.ladder .high{fill:var(--base)}
.ladder .classes .fill{fill:var(--s2)}.ladder .left{fill:var(--paper);fill-opacity:.5;stroke:var(--s2);stroke-dasharray:3 2}
.ladder .score .fill,.ladder .excess .fill{fill:var(--s0)}.ladder .shared{fill:var(--paper);opacity:.6}.ladder .short{fill:var(--warn)}
.ladder .guide{stroke:var(--base);stroke-width:1.4;stroke-dasharray:4 3}.ladder .zero{stroke:var(--rule)}.ladder .none{stroke:var(--soft);stroke-dasharray:1 6}
.ladder .under{stroke:var(--paper);stroke-width:4;margin:0}.ladder .over{stroke:var(--ink);stroke-width:1.5}
.quote,dl.define{overflow-wrap:anywhere}.quote{border-left:3px solid var(--rule);padding-left:1em;margin:1.1em 0}
table.ladders thead th.n{white-space:normal;width:5.4em}td.high{color:var(--base);font-weight:650}
.legend{display:flex;flex-wrap:wrap;align-items:center;gap:.35em 1.3em;font-size:.8rem;color:var(--soft);margin:.7em 0}
.legend span{display:inline-flex;align-items:center;gap:.45em}.legend svg{flex:none}
.caveats{list-style:none;padding:0;margin:1.1em 0;max-width:none;font-size:.9rem;line-height:1.5}
.caveats li{padding:.7em 1em;margin:0 0 .55em;background:var(--note-bg);border-left:3px solid var(--note);overflow-wrap:anywhere}
.caveats li.warning{background:var(--warn-bg);border-color:var(--warn)}
.caveats strong{display:block}.caveats .kind{float:right;font-size:.8em;color:var(--note);margin-left:1em}.caveats .warning .kind{color:var(--warn)}
.tag{display:inline-block;font-size:.82em;border:1px solid var(--rule);border-radius:3px;padding:0 .4em;margin:.1em .3em .1em 0;white-space:nowrap}
details{margin:1.2em 0}summary{cursor:pointer;font-size:.9rem;color:var(--link);padding:.4em 0}
footer{border-top:1px solid var(--rule);margin-top:3.5em;padding-top:1.1em;padding-bottom:3em;font-size:.8rem;color:var(--soft);overflow-wrap:anywhere}
)css"
         R"css(
@media (max-width:600px){body{font-size:16px}main,header,footer{padding-left:16px;padding-right:16px}header{padding-top:26px}
h1{font-size:1.65rem}.lead{font-size:1.08rem}tbody th .name{max-width:8.2em}table.matrix thead .name{max-width:6em}dl.key{grid-template-columns:1fr 1fr}dl.key dd{font-size:1.4rem}
.map svg{max-width:none}
.ladder li{grid-template-columns:1fr auto;column-gap:.8em;padding-bottom:.3em}.ladder .track{grid-column:1/-1;grid-row:2;height:1.7em}
.ladder .value{text-align:right}.ladder .what,.ladder .value{padding:.2em 0}.ladder .scale{min-height:0}.ladder .scale .what,.ladder .scale .value{display:none}
.ladder .scale .track{grid-row:1}}
@media print{@page{margin:15mm 13mm}body{font-size:10pt;line-height:1.45}main,header,footer{max-width:none;padding:0}header{padding-top:0}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}nav,.read,details:not([open]){display:none}a{color:inherit;text-decoration:none}
.scroll,.chart{overflow:visible}table{font-size:7pt}.strip{width:130px;min-width:130px}
tbody th{position:static}th .name{max-width:10em}table.matrix thead .name{max-width:6em}table.matrix .gap{border-left-width:6px}caption span{max-width:none;width:auto}td.wrap{min-width:0}td.where{min-width:8.4em;padding-right:0}table.matrix thead th,table.matrix tbody td{min-width:0;padding:.35em .4em}
tbody td,tbody th,thead th{padding-right:.5em}
.ladder{break-inside:avoid}.ladder ol{font-size:8pt}.ladder li{min-height:2.7em;grid-template-columns:17em minmax(0,1fr) 7.5em}h2{margin-top:1.6em}h1,h2,h3{break-after:avoid}figure,tr,.caveats li,dl.key{break-inside:avoid}thead{display:table-header-group}
.maps{grid-template-columns:repeat(4,1fr);gap:1em}.charts{grid-template-columns:1fr 1fr;gap:1em}.chart svg{min-width:0}}
.h0{--c:var(--h0);--t:var(--t0)}.h1{--c:var(--h1);--t:var(--t1)}.h2{--c:var(--h2);--t:var(--t2)}.h3{--c:var(--h3);--t:var(--t3)}
.h4{--c:var(--h4);--t:var(--t4)}.h5{--c:var(--h5);--t:var(--t5)}.h6{--c:var(--h6);--t:var(--t6)}.h7{--c:var(--h7);--t:var(--t7)}
.h8{--c:var(--h8);--t:var(--t8)}.h9{--c:var(--h9);--t:var(--t9)}.h10{--c:var(--h10);--t:var(--t10)}.h11{--c:var(--h11);--t:var(--t11)}
.h12{--c:var(--h12);--t:var(--t12)}.h13{--c:var(--h13);--t:var(--t13)}.hx{--c:var(--hx);--t:var(--ink)}
td.heat{background:var(--c);color:var(--t)}.plot path,.swatch{fill:var(--c)}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}
g[class^=s] .line,g[class^=s] .bar,g[class^=s] .twin,g[class^=s] .open{stroke:var(--c)}g[class^=s] .full{fill:var(--c);stroke:var(--paper)}
svg g[class^=s] text{fill:var(--c);font-weight:600}
)css";
}

std::string_view page_script() {
  return R"js(
const names=JSON.parse(document.getElementById('layers').textContent);
document.querySelectorAll('.map').forEach(f=>{const p=f.querySelector('.plot'),r=f.querySelector('.read'),
v=f.dataset.v.split(' '),a=names[f.dataset.a],b=names[f.dataset.b];
p.addEventListener('pointermove',e=>{const q=p.getBoundingClientRect(),
i=Math.min(a.length-1,Math.max(0,Math.floor((e.clientY-q.top)/q.height*a.length))),
j=Math.min(b.length-1,Math.max(0,Math.floor((e.clientX-q.left)/q.width*b.length)));
r.textContent=(v[i*b.length+j]||'\u2014')+' at '+a[i]+' \u00d7 '+b[j]});
p.addEventListener('pointerleave',()=>{r.textContent=''})})
)js";
}

}  // namespace consilience::engine
