/**
 * Cases as tables in text, as they would stand in a document: a line a case, whatever the formatter does to lists of lists.
 * The first line names the columns, `|` separates them, and a cell may be a list of things that a test file has words for.
 */

/** The cells of every line but the first. Throws where a line has more or fewer than that. */
export function casesOf(table: string): string[][] {
  const [columns = [], ...rows] = table
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  for (const row of rows) {
    if (row.length !== columns.length) throw new Error(`not as the columns: ${row.join(' | ')}`);
  }
  return rows;
}

type Words<T> = Readonly<Record<string, (...following: string[]) => T>>;

/** `create 09:00:00, pay 09:01:00 t1`: each a word and what follows it. Throws where there is no such word. */
export function listIn<T>(cell: string, words: Words<T>): T[] {
  return cell.split(', ').map((each) => {
    const [word = '', ...following] = each.split(' ');
    const meaning = Object.hasOwn(words, word) ? words[word] : undefined;
    if (!meaning) throw new Error(`there is no word for "${each}"`);
    return meaning(...following);
  });
}
