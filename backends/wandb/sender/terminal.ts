/** A line on a terminal. */
export interface TextLine {
  text: string;
  /** Its characters; more than units of `text` hold when some take two. */
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
  /** The lines that the screen shows. */
  const screen: TextLine[] = [];
  let row = 0;
  let column = 0;
  /** The beginning of an escape sequence that goes on in the next piece. */
  let open = "";

  function print(text: string): void {
    while (screen.length <= row) {
      screen.push(console.add());
      if (screen.length > HEIGHT) {
        screen.shift();
        row--;
      }
    }
    const line = screen[row]!;
    const length = lengthOf(text);
    if (console.isLive(line) && column < WIDTH) {
      put(line, column, text, length);
      console.changed(line);
    }
    column += length;
  }

  return {
    write(piece) {
      const text = open + piece;
      open = "";
      let printed = 0;
      for (let at = nextControl(text, 0); at < text.length; at = nextControl(text, at)) {
        if (text[at] === ESCAPE) {
          const sequence = text.slice(at, at + 3);
          if (sequence === ESCAPE || sequence === `${ESCAPE}[`) {
            if (at > printed) print(text.slice(printed, at));
            open = sequence;
            return;
          }
          const up = sequence === `${ESCAPE}[A`;
          if (!up && sequence !== `${ESCAPE}[B`) {
            at++;
            continue;
          }
          if (at > printed) print(text.slice(printed, at));
          row = up ? Math.max(0, row - 1) : row + 1;
          at += 3;
        } else {
          if (at > printed) print(text.slice(printed, at));
          if (text[at] === "\n") row++;
          column = 0;
          at++;
        }
        printed = at;
      }
      if (printed < text.length) print(text.slice(printed));
    },
  };
}

function nextControl(text: string, from: number): number {
  CONTROLS.lastIndex = from;
  return CONTROLS.exec(text)?.index ?? text.length;
}

/** Writes over what is there, behind spaces where there is nothing yet. */
function put(line: TextLine, column: number, text: string, length: number): void {
  const room = WIDTH - column;
  const kept = length > room ? [...text].slice(0, room).join("") : text;
  const end = column + Math.min(length, room);
  if (column >= line.length) {
    line.text += " ".repeat(column - line.length) + kept;
  } else {
    const characters = [...line.text];
    line.text = characters.slice(0, column).join("") + kept + characters.slice(end).join("");
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
