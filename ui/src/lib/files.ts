// Files that people drop or pick, read into the form the peer takes.

export const SAMPLE_BYTES_MAX = 64 * 1024 * 1024;
export const AUDIO_ACCEPT = 'audio/*,.wav,.flac,.mp3,.ogg,.aif,.aiff';
export const BEAT_ACCEPT = '.beat';

export function isBeat(name: string): boolean {
  return name.toLowerCase().endsWith('.beat');
}

/** The name without folders, as the peer shows it. */
export function baseName(path: string): string {
  return path.split(/[\\/]/).at(-1) || path;
}

/** Base64 of a file; `progress` hears 0 to 1. */
export function readBase64(file: Blob, progress: (share: number) => void = () => {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.onload = () => {
      const url = String(reader.result);
      resolve(url.slice(url.indexOf(',') + 1));
    };
    reader.readAsDataURL(file);
  });
}
