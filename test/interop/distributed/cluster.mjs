// A job of Node's own cluster: `cluster.mjs <ranks> <script> [arguments]`. Node tells its workers no rank and no size, so the
// primary does. Workers are the same program; their channel to the primary keeps them alive until they close it.
import cluster from "node:cluster";
import { pathToFileURL } from "node:url";

const [worldSize, script] = process.argv.slice(2);
if (cluster.isPrimary) {
  for (let rank = 0; rank < Number(worldSize); rank++) {
    cluster.fork({ RANK: rank, WORLD_SIZE: worldSize, LOCAL_RANK: rank, LOCAL_WORLD_SIZE: worldSize });
  }
  cluster.on("exit", (_worker, code) => {
    if (code !== 0) process.exitCode = 1;
  });
} else {
  process.argv.splice(1, 3, script);
  await import(pathToFileURL(script).href);
  cluster.worker.disconnect();
}
