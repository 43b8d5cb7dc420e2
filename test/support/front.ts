import type { AddressInfo } from "node:net";
import { connect, createServer, type Server, type Socket } from "node:net";

/** A port in front of a server, to take the server off the network without losing what it holds. */
export interface Front {
  /** `http://127.0.0.1:<port>`: the same all the time. */
  readonly url: string;
  /** Nobody listens, and connections are cut. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Connections are taken and stay without an answer, also those that are there. */
  silence(): void;
  close(): Promise<void>;
}

export async function startFront(serverUrl: string): Promise<Front> {
  const target = Number(new URL(serverUrl).port);
  const sockets = new Set<Socket>();
  let isSilent = false;
  let listener: Server | undefined;
  let port = 0;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
  };
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const up = async (): Promise<void> => {
    isSilent = false;
    if (listener !== undefined) return cut();
    listener = createServer((client) => {
      keep(client);
      if (isSilent) return;
      const upstream = connect(target, "127.0.0.1");
      keep(upstream);
      client.on("close", () => upstream.destroy());
      upstream.on("close", () => client.destroy());
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((done) => listener!.listen(port, "127.0.0.1", done));
    port = (listener.address() as AddressInfo).port;
  };
  const down = async (): Promise<void> => {
    const open = listener;
    listener = undefined;
    const closed = new Promise((done) => (open === undefined ? done(undefined) : open.close(done)));
    cut();
    await closed;
  };
  await up();
  return {
    url: `http://127.0.0.1:${port}`,
    down,
    up,
    silence() {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: down,
  };
}
