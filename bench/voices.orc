; The patch of `cargo xtask bench-synths` for Csound. The score, with the numbers, is written by the command.
sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

gaLeft init 0
gaRight init 0

; p4 frequency, p5 cutoff, p6 place, p7 level, p8 amplitude of a saw, p9 detune ratio, p10 octaves of the envelope, p11 Q,
; p12-15 amplifier, p16-19 filter
instr 1
  aAmp mxadsr p12, p13, p14, p15
  kOpen mxadsr p16, p17, p18, p19
  aUp vco2 p8, p4 * p9
  aDown vco2 p8, p4 / p9
  aLow zdf_2pole aUp + aDown, p5 * 2 ^ (p10 * kOpen), p11
  aLeft, aRight pan2 aLow * aAmp * p7, p6
  gaLeft += aLeft
  gaRight += aRight
endin

; p4 share of the reverb, p5 size, p6 damping
instr 99
  aLeft, aRight freeverb gaLeft, gaRight, p5, p6
  outs gaLeft * (1 - p4) + aLeft * p4, gaRight * (1 - p4) + aRight * p4
  gaLeft = 0
  gaRight = 0
endin
