// Where an error in the notation lies, for the caret to go there.

/** The index in `text` of a line and column, both counted from 1; held to the text. */
export function indexOfPlace(text: string, line: number, column: number): number {
  const lines = text.split('\n');
  const row = Math.min(lines.length, Math.max(1, line));
  const before = lines.slice(0, row - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return before + Math.min((lines[row - 1] ?? '').length, Math.max(0, column - 1));
}

/** `line 2, column 5` in words of a refusal. Absent where it names no place. */
export function placeIn(message: string): { line: number; column: number } | null {
  const found = /line (\d+),? (?:column|col\.?) (\d+)/i.exec(message);
  return found ? { line: Number(found[1]), column: Number(found[2]) } : null;
}
