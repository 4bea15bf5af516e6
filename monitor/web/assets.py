"""The status page's style and script. Both are inline; the page's policy allows nothing else."""

STYLE = """
:root{--bg:#fff;--fg:#1a1a1a;--dim:#5f6368;--line:#e0e0e0;--good:#2e7d32;--warn:#9a5b00;--bad:#c62828;
--quiet:#546e7a;--none:#d5d8dc;--card:#f7f8f9}
@media screen and (prefers-color-scheme:dark){:root{
--bg:#121416;--fg:#e6e6e6;--dim:#9aa0a6;--line:#2c3034;--good:#66bb6a;
--warn:#ffb74d;--bad:#ef7070;--quiet:#90a4ae;--none:#3a3f45;--card:#1b1e21}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--fg);font:16px/1.45 system-ui,sans-serif}
main{max-width:60rem;margin:0 auto;padding:1rem}
header{border-left:.5rem solid var(--good);background:var(--card);padding:.6rem 1rem;border-radius:.3rem}
header.down{border-color:var(--bad)}header.failing,header.degraded{border-color:var(--warn)}
h1{font-size:1.5rem;margin:0}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
h1,h2,header p{overflow-wrap:anywhere}
header p{margin:.2rem 0 0;color:var(--dim)}
ul{list-style:none;margin:0;padding:0}
li{border-top:1px solid var(--line);padding:.55rem 0}
.line{display:flex;flex-wrap:wrap;gap:.15rem .7rem;align-items:baseline}
.line strong{font-weight:600;overflow-wrap:anywhere}
.state{min-width:7.5rem;font-weight:600}
.more{margin-left:auto;color:var(--dim);white-space:nowrap}
em{font-style:normal;font-size:.8rem;
border:1px solid var(--line);border-radius:.6rem;padding:0 .5rem;color:var(--dim)}
.up .state,.over .state{color:var(--good)}
.down .state,.open .state{color:var(--bad)}
.failing .state,.degraded .state{color:var(--warn)}
.unreachable .state,.inconclusive .state,.pending .state,.paused .state{color:var(--quiet)}
.why{margin:.1rem 0 .2rem;color:var(--dim);overflow-wrap:anywhere}
.days{display:flex;gap:1px;height:1.5rem;margin-top:.35rem}
.days i{flex:1;min-width:1px;border-radius:1px;background:var(--none)}
.days .a{background:var(--good)}.days .b{background:linear-gradient(var(--good) 75%,var(--warn) 75%)}
.days .c{background:linear-gradient(var(--good) 40%,var(--warn) 40%)}.days .d{background:var(--bad)}
nav{margin:1.5rem 0}nav a,nav b{padding:.2rem .5rem}a{color:inherit}
form{margin:1.5rem 0;display:flex;gap:.7rem;flex-wrap:wrap}input,button{font:inherit;padding:.3rem .6rem}
@media(max-width:36rem){main{padding:.6rem}.state{min-width:6.2rem}.more{margin-left:0;width:100%}
.days i:nth-child(-n+45){display:none}}
@media print{header{border:1px solid}.days{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
"""

SCRIPT = """
(function(){
var main=document.querySelector('main'),timer=null;
function live(on){var s=document.getElementById('live');if(s)s.textContent=on?' · live':' · not connected';}
function fetchPage(){timer=null;fetch(location.href,{credentials:'same-origin'}).then(function(r){
if(!r.ok)throw 0;return r.text();}).then(function(t){
var fresh=new DOMParser().parseFromString(t,'text/html').querySelector('main');
if(fresh){main.replaceWith(fresh);main=fresh;live(true);}}).catch(function(){live(false);});}
function soon(){if(!timer)timer=setTimeout(fetchPage,400);}
var base=location.pathname.replace(/[^/]*$/,'');
function connect(){var events=new EventSource(base+'api/v1/events');
events.onopen=function(){live(true);soon();};
events.addEventListener('state',soon);
events.onerror=function(){live(false);if(events.readyState===2)setTimeout(connect,3000);};}
connect();
setInterval(soon,60000);
})();
"""
