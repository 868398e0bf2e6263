function e(e,t,n){let r=[...e],[i]=r.splice(t,1);return i&&r.splice(t+n,0,i),r}function t(e,t){let n=e=>{let[t=0,n=0]=e.split(`x`).map(Number);return t>=n};return e.sizes.find(e=>n(e)===(t===`landscape`))??e.default_size}function n(e){return e.reduce((e,t)=>e+t.seconds,0)}function r(e){let t=e.shots.map(e=>e.prompt).join(`
`),[n=0,r=0]=e.size.split(`x`).map(Number);return{shots:e.shots.map((e,t)=>({id:t+1,seconds:Math.round(e.seconds),scene:e.prompt})),about:e.prompt===t?``:e.prompt,orientation:n>=r?`landscape`:`portrait`}}var i=30;function a(e,t,r,a){return{prompt:o(r,a),model:e,orientation:t,n_frames:n(r)*i}}function o(e,t){let n=e.map((e,t)=>`Shot ${t+1}:\nduration: ${e.seconds.toFixed(1)}sec\nScene: ${e.scene.trim()}`);return t.trim()?`current timeline:\n${n.join(`

`)}\n\ninstructions:\n${t.trim()}`:n.join(`

`)}function s(e){return e.durations.map(Number).sort((e,t)=>e-t)}export{t as a,e as i,a as n,n as o,s as r,r as t};