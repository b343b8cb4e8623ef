// A sound server of our own with one output that nobody hears, for pages that shall show an output.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './story.mjs';

export async function startSoundServer() {
  const home = await mkdtemp(join(tmpdir(), 'antiphon-sound-'));
  const socket = join(home, 'native');
  const server = spawn(
    'pulseaudio',
    ['-n', '--daemonize=no', '--use-pid-file=no', '--exit-idle-time=-1', '--disallow-exit', '-L', 'module-null-sink sink_name=headphones sink_properties=device.description=Headphones', '-L', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`],
    { stdio: 'ignore', env: { ...process.env, HOME: home, PULSE_RUNTIME_PATH: home, XDG_RUNTIME_DIR: home } },
  );
  const ended = new Promise((end) => server.once('exit', end));
  await until('the sound server listens', () => existsSync(socket));
  return {
    environment: { PULSE_SERVER: `unix:${socket}`, HOME: home },
    async close() {
      server.kill();
      await ended;
      await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}
