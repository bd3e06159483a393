/** Markdown tables that read well in a terminal, too; and figures of three digits, which is what a price list is good for. */

const TEXT_COLUMNS = 118;

/** A paragraph in lines that are not too long. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.trim().split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > TEXT_COLUMNS) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? word : ` ${word}`;
  }
  return [...lines, line].join('\n');
}

/** The first column is text, the others are figures. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head = []] = rows;
  const widths = head.map((_, i) => Math.max(...rows.map((row) => (row[i] ?? '').length), 3));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => padded(cells[i] ?? '', width, i)).join(' | ')} |`;
  const rule = widths.map((width, i) =>
    i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.slice(1).map(line)].join('\n');
}

const padded = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

const DIGITS = 3;

export const dollars = (amount: number): string =>
  amount > 0 && amount < 0.01 ? '< $0.01' : `$${figure(amount, 2)}`;

/** Three significant digits, of which at most so many stand behind the point. */
export function figure(value: number, decimals: number): string {
  if (value === 0) return '0';
  const rounded = Number(value.toPrecision(DIGITS));
  const magnitude = Math.floor(Math.log10(Math.abs(rounded)));
  const digits = Math.min(decimals, Math.max(0, DIGITS - 1 - magnitude));
  return rounded.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
