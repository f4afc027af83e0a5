import { Composer, type CST, Lexer, LineCounter, type Node, Parser } from 'yaml';
import type { Place } from './tree.ts';

const MAX_CHARACTERS = 524_288;
export const MAX_DEPTH = 40;

/** A file that is not read on: the first limit that is passed ends it. Caught where a file is read as a whole. */
export class Refusal extends Error {
  readonly place: Place;
  constructor(message: string, place: Place) {
    super(message);
    this.place = place;
  }
}

export const tooDeep = (place: Place): Refusal =>
  new Refusal(`This is nested more than ${MAX_DEPTH} levels deep; flatten it.`, place);

export type PlaceOf = (offset: number) => Place;

export type YamlDocument =
  | { contents: Node; placeOf: PlaceOf }
  | { problems: { message: string; place: Place }[] };

/** The one YAML document of a file, or what is wrong with it as YAML; a text beyond the limits is refused. */
export const composeDocument = (file: string, text: string): YamlDocument => {
  const start = { file, line: 1, column: 1 };
  if (text.length > MAX_CHARACTERS) {
    throw new Refusal('The file is larger than 512 KiB; move long texts into files of configs.', start);
  }
  const lines = new LineCounter();
  const placeOf: PlaceOf = (offset) => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent' });
  const [doc, second, ...more] = [...composer.compose(tokensOf(text, lines, placeOf))];
  const problems = [doc, second, ...more]
    .flatMap((d) => (d ? [...d.errors, ...d.warnings] : []))
    .filter(isFatal);
  if (problems.length > 0) {
    return {
      problems: problems.map(({ message, pos }) => ({
        message: `This is not YAML: ${message.replace(/\s+/g, ' ').replace(/\.$/, '')}; correct it here.`,
        place: placeOf(pos[0]),
      })),
    };
  }
  if (!doc?.contents) throw new Refusal('The file is empty; begin with the key services.', start);
  if (second) {
    throw new Refusal(
      'The file holds several documents; keep one and remove the rest.',
      placeOf(second.range[0]),
    );
  }
  return { contents: doc.contents, placeOf };
};

/** Unknown tags are refused by name when the tree is made. */
const isFatal = (problem: { code: string }): boolean => problem.code !== 'TAG_RESOLVE_FAILED';

/** Stops at too deep a nesting, because what composes the tokens recurses and would run out of stack. */
function* tokensOf(text: string, lines: LineCounter, placeOf: PlaceOf): Generator<CST.Token> {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    yield* parser.next(lexeme);
    if (parser.stack.length > MAX_DEPTH + 2) throw tooDeep(placeOf(parser.offset));
  }
  yield* parser.end();
}
