import { connect, createServer, type Socket } from "node:net";

/** Where this process stands among those that train together. */
export interface Ranks {
  readonly rank: number;
  readonly worldSize: number;
}

/** Averages numbers over all processes. */
export interface AllReduce {
  /** Replaces the numbers of `arrays` by their means over the processes; every process calls it equally often. */
  mean(arrays: readonly Float32Array[]): Promise<void>;
  close(): void;
}

const BYTES = Float32Array.BYTES_PER_ELEMENT;

/**
 * The simplest way to average over a few processes: all send their numbers to rank 0 and get the means back, over TCP at
 * `MASTER_ADDR` and the port after `MASTER_PORT`, which torchrun keeps for itself. When a process dies, the others go on with
 * the mean of those that are left.
 */
export async function allReduce({ rank, worldSize }: Ranks): Promise<AllReduce> {
  const host = process.env["MASTER_ADDR"] ?? "127.0.0.1";
  const port = Number(process.env["MASTER_PORT"] ?? 29_500) + 1;
  const peers = rank === 0 ? await accept(port, worldSize - 1) : [await join(host, port)];

  return {
    async mean(arrays) {
      const length = arrays.reduce((sum, array) => sum + array.length, 0);
      const numbers = new Float32Array(length);
      let at = 0;
      for (const array of arrays) {
        numbers.set(array, at);
        at += array.length;
      }
      const means = rank === 0 ? await meanOf(numbers, peers) : await askFor(numbers, peers[0]!);
      at = 0;
      for (const array of arrays) {
        array.set(means.subarray(at, at + array.length));
        at += array.length;
      }
    },
    close() {
      for (const peer of peers) peer.end();
    },
  };
}

/** Another process: numbers go to it and come from it, as many at a time as were agreed. */
interface Peer {
  send(numbers: Float32Array): void;
  /** Its next numbers; undefined when it is gone. */
  receive(length: number): Promise<Float32Array | undefined>;
  end(): void;
}

/** Rank 0: the mean of its own numbers and those of all that are still there. */
async function meanOf(numbers: Float32Array, peers: readonly Peer[]): Promise<Float32Array> {
  const received = await Promise.all(peers.map((peer) => peer.receive(numbers.length)));
  let count = 1;
  for (const theirs of received) {
    if (theirs === undefined) continue;
    count++;
    for (let i = 0; i < numbers.length; i++) numbers[i]! += theirs[i]!;
  }
  for (let i = 0; i < numbers.length; i++) numbers[i]! /= count;
  for (const peer of peers) peer.send(numbers);
  return numbers;
}

async function askFor(numbers: Float32Array, master: Peer): Promise<Float32Array> {
  master.send(numbers);
  const means = await master.receive(numbers.length);
  if (means === undefined) throw new Error("rank 0 is gone");
  return means;
}

function accept(port: number, count: number): Promise<Peer[]> {
  return new Promise((resolve, reject) => {
    const peers: Peer[] = [];
    const server = createServer((socket) => {
      peers.push(peerOf(socket));
      if (peers.length === count) resolve(peers);
      if (peers.length === count) server.close();
    });
    server.once("error", reject);
    server.listen(port);
    if (count === 0) server.close(() => resolve([]));
  });
}

/** Rank 0 may not be there yet. */
async function join(host: string, port: number): Promise<Peer> {
  for (let attempt = 1; ; attempt++) {
    const socket = connect(port, host);
    const problem = await new Promise<Error | undefined>((resolve) => {
      socket.once("connect", () => resolve(undefined));
      socket.once("error", resolve);
    });
    if (problem === undefined) return peerOf(socket);
    if (attempt === 600) throw problem;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function peerOf(socket: Socket): Peer {
  socket.setNoDelay(true);
  let buffered = Buffer.alloc(0);
  let gone = false;
  let wake = () => {};
  socket.on("data", (chunk) => {
    buffered = Buffer.concat([buffered, chunk]);
    wake();
  });
  socket.on("error", () => {}); // told by "close"
  socket.on("close", () => {
    gone = true;
    wake();
  });
  return {
    send(numbers) {
      if (!gone) socket.write(new Uint8Array(numbers.slice().buffer));
    },
    async receive(length) {
      while (buffered.length < length * BYTES) {
        if (gone) return undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const bytes = buffered.subarray(0, length * BYTES);
      buffered = buffered.subarray(length * BYTES);
      return new Float32Array(new Uint8Array(bytes).buffer);
    },
    end: () => socket.end(),
  };
}
