/** A line on a terminal. */
export interface TextLine {
  /** What it shows: blanks behind the last change are not seen. */
  text: string;
  /** All that was written, with those blanks. */
  written: string;
  /** Characters of `written`, of which some take two units. */
  length: number;
}

/** Where the lines of a terminal go. */
export interface ConsoleText {
  /** Whether a line can still change. */
  isLive(line: TextLine): boolean;
  changed(line: TextLine): void;
}

export interface Terminal {
  write(text: string): void;
}

/** Lines of the screen. */
const HEIGHT = 32;
/** Characters of a line; what is written behind them is not kept. */
const WIDTH = 4096;

const ESCAPE = "\u001b";
/** What moves the cursor, or might: the escape sequences with no parameter for one line up and one line down. */
const CONTROLS = new RegExp(`[\n\r${ESCAPE}]`, "g");

/**
 * Makes the terminal of one stream. It knows line breaks, carriage returns, and the cursor's moves up and down by one
 * line; every other escape sequence stays as text. A line is added only when something is written on it or below it.
 */
export function createTerminal(console: ConsoleText & { readonly add: () => TextLine }): Terminal {
  /** The lines of the screen from its top, as far down as something was written. */
  const screen: TextLine[] = [];
  let row = 0;
  let column = 0;
  /** The beginning of an escape sequence that goes on in the next piece. */
  let open = "";

  /** At the bottom the screen scrolls; rows that nothing was written on or below leave it without a trace. */
  function down(): void {
    if (row < HEIGHT - 1) row++;
    else screen.shift();
  }

  function print(text: string): void {
    while (screen.length <= row) screen.push(console.add());
    const line = screen[row]!;
    if (column < WIDTH && console.isLive(line) && put(line, column, text)) console.changed(line);
    column += lengthOf(text);
  }

  return {
    write(piece) {
      const text = open + piece;
      open = "";
      let printed = 0;
      let at = nextControl(text, 0);
      while (at < text.length) {
        let width = 1;
        let plain = false;
        if (text[at] === ESCAPE) {
          width = text[at + 1] === "[" ? 3 : 2;
          plain = width === 2 || (text[at + 2] !== "A" && text[at + 2] !== "B");
        }
        if (at + width > text.length) break;
        if (!plain) {
          if (at > printed) print(text.slice(printed, at));
          if (text[at] === "\r") column = 0;
          else if (text[at] === "\n") {
            down();
            column = 0;
          } else if (text[at + 2] === "B") down();
          else row = Math.max(0, row - 1);
          printed = at + width;
        }
        at = nextControl(text, at + width);
      }
      open = text.slice(at);
      if (printed < at) print(text.slice(printed, at));
    },
  };
}

function nextControl(text: string, from: number): number {
  CONTROLS.lastIndex = from;
  return CONTROLS.exec(text)?.index ?? text.length;
}

/** Writes over what is there, behind blanks where there is nothing yet. Returns whether that can be seen. */
function put(line: TextLine, column: number, text: string): boolean {
  const room = WIDTH - column;
  const fitting = lengthOf(text) > room ? [...text.slice(0, 2 * room)].slice(0, room).join("") : text;
  const inside = Math.max(0, line.length - column);
  const seen = Math.max(inside, lengthOf(fitting.replace(/ +$/, "")));
  const characters = seen < fitting.length ? [...fitting] : undefined;
  const visible = characters === undefined ? fitting : characters.slice(0, seen).join("");
  const before = line.written;
  overwrite(line, column, visible);
  const changed = line.written !== before;
  if (changed) line.text = line.written;
  if (characters !== undefined) overwrite(line, column + seen, characters.slice(seen).join(""));
  return changed;
}

function overwrite(line: TextLine, column: number, text: string): void {
  if (text === "") return;
  const end = column + lengthOf(text);
  if (column >= line.length) line.written += " ".repeat(column - line.length) + text;
  else {
    const characters = [...line.written];
    line.written = characters.slice(0, column).join("") + text + characters.slice(end).join("");
  }
  line.length = Math.max(line.length, end);
}

function lengthOf(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0xd800 && unit < 0xdc00) length--;
  }
  return length;
}
