// Reinforcement learning: Q-learning finds a way along a cliff (Sutton and Barto, example 6.6). A point for each episode, a picture
// of what the agent thinks of each field now and then, and the way it has found at the end.
//
//   npx tsx examples/reinforcement-learning.ts && tensorboard --logdir runs
import * as tracelet from "tracelet";
import { seededRandom } from "./digits/random.js";

const [ROWS, COLUMNS] = [4, 12];
const [START, GOAL] = [36, 47];
const MOVES = [-COLUMNS, 1, COLUMNS, -1];
const ARROWS = ["↑", "→", "↓", "←"];
const params = { episodes: 500, learningRate: 0.5, discount: 1, explore: 0.1, seed: 1 };

const experiment = tracelet.startLogging({ expName: "cliff", project: "reinforcement-learning", params });
const writer = new tracelet.SummaryWriter();
const random = seededRandom(params.seed);
/** What each move from each field is worth. */
const values = Array.from({ length: ROWS * COLUMNS }, () => new Float32Array(MOVES.length));

let steps = 0;
for (let episode = 0; episode < params.episodes; episode++) {
  let field = START;
  let reward = 0;
  let length = 0;
  while (field !== GOAL && length < 1000) {
    const move = random() < params.explore ? Math.floor(random() * MOVES.length) : best(field);
    const next = step(field, move);
    const target = next.reward + params.discount * Math.max(...values[next.field]!);
    values[field]![move]! += params.learningRate * (target - values[field]![move]!);
    field = next.field;
    reward += next.reward;
    length++;
  }
  steps += length;
  experiment.log(
    { "episode/reward": reward, "episode/length": length, "episode/steps": steps },
    { step: episode },
  );
  if (episode % 100 === 99) {
    writer.addHistogram(
      "values",
      values.flatMap((each) => [...each]),
      episode,
    );
    writer.addImage("values of the fields", picture(), episode, { dataformats: "HW" });
  }
}

const path = way();
const found = path.reduce((sum, move) => sum + move.reward, 0);
writer.addText("way", "```\n" + map(path) + "\n```");
experiment.summary({ reward: found, moves: path.length });
await tracelet.stopLogging();
console.log(map(path));
console.log(`${path.length} moves, reward ${found}; logged to ${experiment.url()}`);

/** One move: a wall stops it, the cliff throws back to the start. */
function step(from: number, move: number): { field: number; reward: number } {
  const column = from % COLUMNS;
  const stays =
    (move === 0 && from < COLUMNS) ||
    (move === 1 && column === COLUMNS - 1) ||
    (move === 2 && from >= (ROWS - 1) * COLUMNS) ||
    (move === 3 && column === 0);
  const to = stays ? from : from + MOVES[move]!;
  return to > START && to < GOAL ? { field: START, reward: -100 } : { field: to, reward: -1 };
}

function best(field: number): number {
  const worth = values[field]!;
  return worth.indexOf(Math.max(...worth));
}

/** What the agent does now, without exploring. */
function way(): { field: number; move: number; reward: number }[] {
  const path = [];
  for (let field = START; field !== GOAL && path.length < 100; ) {
    const move = best(field);
    const next = step(field, move);
    path.push({ field, move, reward: next.reward });
    field = next.field;
  }
  return path;
}

function map(path: ReturnType<typeof way>): string {
  const fields: string[] = Array.from({ length: ROWS * COLUMNS }, (_, i) =>
    i > START && i < GOAL ? "▓" : "·",
  );
  for (const { field, move } of path) fields[field] = ARROWS[move]!;
  fields[GOAL] = "G";
  return Array.from({ length: ROWS }, (_, row) =>
    fields.slice(row * COLUMNS, (row + 1) * COLUMNS).join(" "),
  ).join("\n");
}

/** Each field as bright as its best move is good, 8 pixels wide. */
function picture(): { shape: number[]; data: Float32Array } {
  const [height, width] = [ROWS * 8, COLUMNS * 8];
  const worth = values.map((each) => Math.max(...each));
  const lowest = Math.min(...worth);
  const data = Float32Array.from({ length: height * width }, (_, i) => {
    const field = Math.floor(i / width / 8) * COLUMNS + Math.floor((i % width) / 8);
    return lowest === 0 ? 1 : 1 - worth[field]! / lowest;
  });
  return { shape: [height, width], data };
}
