// A sound of our own to bring in: a short sine that dies away, as 16-bit WAV.

const RATE = 48_000;

export function wav(seconds = 0.4, hertz = 660) {
  const frames = Math.round(RATE * seconds);
  const bytes = Buffer.alloc(44 + frames * 2);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(36 + frames * 2, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(RATE, 24);
  bytes.writeUInt32LE(RATE * 2, 28);
  bytes.writeUInt16LE(2, 32);
  bytes.writeUInt16LE(16, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(frames * 2, 40);
  for (let i = 0; i < frames; i++) {
    const sine = Math.sin((2 * Math.PI * hertz * i) / RATE) * (1 - i / frames);
    bytes.writeInt16LE(Math.round(sine * 24_000), 44 + i * 2);
  }
  return bytes;
}
