// An evaluation of two language models on the same questions: a run for each, with a row for each question, a table of what was
// asked and answered, and the results that tell which is better. The models are stand-ins that need no network; put the call of
// yours into `ask`.
//
//   npx tsx examples/llm-evaluation.ts                      # event files under runs/
//   TRACELET_BACKEND=wandb npx tsx examples/llm-evaluation.ts
import * as tracelet from "tracelet";

interface Question {
  readonly prompt: string;
  readonly expected: string;
}

interface Answer {
  readonly text: string;
  readonly tokens: number;
}

type Model = (prompt: string) => Promise<Answer>;

/** `What is 3 * 7?` and the like. */
const questions: readonly Question[] = Array.from({ length: 24 }, (_, i) => {
  const [a, b] = [2 + (i % 6), 3 + Math.floor(i / 6)];
  const operator = i % 2 === 0 ? "+" : "*";
  return {
    prompt: `What is ${a} ${operator} ${b}? Answer with the number.`,
    expected: String(operator === "+" ? a + b : a * b),
  };
});

const models: { readonly [name: string]: Model } = {
  "adds-only": (prompt) => ask(prompt, (a, _operator, b) => String(a + b)),
  "talks-much": (prompt) =>
    ask(prompt, (a, operator, b) =>
      a > 5 ? "That depends on whom you ask." : `It is ${operator === "+" ? a + b : a * b}.`,
    ),
};

const results = [];
for (const [name, model] of Object.entries(models)) results.push(await evaluate(name, model));
console.table(results);

async function evaluate(name: string, model: Model): Promise<object> {
  const experiment = tracelet.startLogging({
    expName: `evaluation-${name}`,
    project: "llm-evaluation",
    params: { model: name, questions: questions.length },
  });
  const rows = [];
  let right = 0;
  let tokens = 0;
  for (const [step, { prompt, expected }] of questions.entries()) {
    const started = performance.now();
    const answer = await model(prompt);
    const seconds = (performance.now() - started) / 1000;
    const isRight = answer.text.match(/\d+/)?.[0] === expected;
    right += Number(isRight);
    tokens += answer.tokens;
    rows.push({ prompt, expected, answer: answer.text, right: isRight, tokens: answer.tokens });
    experiment.log(
      { right: isRight, accuracy: right / (step + 1), tokens: answer.tokens, seconds },
      { step },
    );
  }
  experiment.logTable("answers", rows);
  const result = { accuracy: right / questions.length, tokens };
  experiment.summary(result);
  await tracelet.stopLogging();
  return { model: name, ...result };
}

/** Stands for a model behind an API. */
async function ask(
  prompt: string,
  think: (a: number, operator: string, b: number) => string,
): Promise<Answer> {
  const [, a, operator, b] = /(\d+) (.) (\d+)/.exec(prompt)!;
  const text = think(Number(a), operator!, Number(b));
  return { text, tokens: text.split(/\s+/).length };
}
