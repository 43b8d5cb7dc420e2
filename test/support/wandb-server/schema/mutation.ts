import { changeAliases, linkArtifact } from "../artifact-links.js";
import { GraphqlError, type JsonMap, type Node } from "../graphql/execute.js";
import { keepLines } from "../line-file.js";
import { parseLooseObject } from "../loose-json.js";
import { createRun, ensureProject, findProject, findRunById, type Run, type Store } from "../store.js";
import { upsertRun } from "../upsert-run.js";
import { artifactMutations } from "./artifact-mutations.js";
import { membershipNode } from "./artifact-node.js";
import type { SchemaContext } from "./context.js";
import { projectNode } from "./project-node.js";
import { runNode } from "./run-node.js";

type Mutation = (input: JsonMap) => unknown;

function runOf(store: Store, input: JsonMap): Run {
  const name = input["runName"] as string;
  const run = findProject(store, input["entityName"] as string, input["projectName"] as string)?.runs.get(
    name,
  );
  if (run === undefined) throw new GraphqlError(`run ${name} not found`, 404);
  return run;
}

function runById(store: Store, input: JsonMap): Run {
  const run = findRunById(store, input["id"] as string);
  if (run === undefined) throw new GraphqlError(`run ${input["id"]} not found`, 404);
  return run;
}

/** The fields of the `Mutation` type; each takes one `input`. */
export function mutationNode(context: SchemaContext): Node {
  const { store, storage } = context;
  const success = { __typename: "Payload", success: true };

  const mutations: { readonly [name: string]: Mutation } = {
    upsertBucket: (input) => {
      const { run, inserted } = upsertRun(store, input, context.shared);
      return { __typename: "UpsertBucketPayload", bucket: runNode(context, run), inserted };
    },
    upsertModel: (input) => {
      const project = ensureProject(store, input["entityName"] as string, input["name"] as string);
      const node = projectNode(context, project);
      return { __typename: "UpsertModelPayload", project: node, model: node, inserted: true };
    },
    rewindRun: (input) => {
      const run = runOf(store, input);
      rewind(run, Number(input["metricValue"]));
      return { __typename: "RewindRunPayload", rewoundRun: runNode(context, run) };
    },
    createRunFiles: (input) => {
      const name = input["runName"] as string;
      const project = ensureProject(store, input["entityName"] as string, input["projectName"] as string);
      const run = project.runs.get(name) ?? createRun(store, project, name);
      return {
        __typename: "CreateRunFilesPayload",
        runID: run.id,
        uploadHeaders: ["Content-Type:application/octet-stream"],
        files: (input["files"] as string[]).map((file) => ({
          __typename: "File",
          name: file,
          uploadUrl: storage.uploadUrl(file, (blob) => {
            run.files.set(file, { name: file, blob, updatedAt: new Date().toISOString() });
          }),
        })),
      };
    },
    markRunFilesUploaded: (input) => {
      const run = runOf(store, input);
      for (const name of input["files"] as string[]) run.uploaded.add(name);
      return success;
    },
    notifyScriptableRunAlert: (input) => {
      runOf(store, input).alerts.push({
        title: input["title"] as string,
        text: input["text"] as string,
        severity: input["severity"] as string,
        waitDuration: (input["waitDuration"] ?? null) as number | null,
      });
      return success;
    },
    stopRun: (input) => {
      runById(store, input).stopped = true;
      return success;
    },
    updateRunState: (input) => {
      runById(store, input).state = input["state"] as string;
      return success;
    },
    deleteRun: (input) => {
      const run = runById(store, input);
      run.project.runs.delete(run.name);
      return { __typename: "DeleteRunPayload", clientMutationId: null };
    },
    deleteFiles: (input) => {
      for (const id of input["files"] as string[]) {
        const [, runId, ...name] = Buffer.from(id, "base64").toString().split(":");
        findRunById(store, runId!)?.files.delete(name.join(":"));
      }
      return success;
    },
    ...artifactMutations(context),
    linkArtifact: (input) => {
      const member = linkArtifact(store, input);
      return {
        __typename: "LinkArtifactPayload",
        versionIndex: member.versionIndex,
        artifactMembership: membershipNode(context, member),
      };
    },
    addAliases: (input) => {
      changeAliases(store, input, false);
      return success;
    },
    deleteAliases: (input) => {
      changeAliases(store, input, true);
      return success;
    },
  };
  return {
    __typename: "Mutation",
    ...Object.fromEntries(
      Object.entries(mutations).map(([name, mutation]) => [
        name,
        (args: JsonMap) => mutation((args["input"] ?? {}) as JsonMap),
      ]),
    ),
  };
}

/** Keeps the rows up to and including a step. */
function rewind(run: Run, step: number): void {
  keepLines(run.history, (line) => Number(parseLooseObject(line)["_step"]) <= step);
  run.state = "running";
  run.exitCode = null;
}
