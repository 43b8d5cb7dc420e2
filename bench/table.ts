import { type Finding, isMet, type Peer, type Unit } from "./benchmark.js";

/** Three digits are as many as a benchmark has. */
function digits(value: number): string {
  if (value === 0) return "0";
  const places = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en", { minimumFractionDigits: 0, maximumFractionDigits: places });
}

/** The value with the largest unit in which it is at least 1. */
function scaled(value: number, units: readonly (readonly [size: number, name: string])[]): string {
  const [size, name] = units.find(([unit]) => Math.abs(value) >= unit) ?? units.at(-1)!;
  return `${digits(value / size)} ${name}`;
}

/** A value as people read it. */
export function format(value: number, unit: Unit): string {
  switch (unit) {
    case "seconds":
      return scaled(value, [
        [1, "s"],
        [1e-3, "ms"],
        [1e-6, "µs"],
        [1e-9, "ns"],
      ]);
    case "bytes":
    case "bytes per second": {
      const text = scaled(value, [
        [2 ** 30, "GiB"],
        [2 ** 20, "MiB"],
        [2 ** 10, "KiB"],
        [1, "bytes"],
      ]);
      return unit === "bytes" ? text : `${text}/s`;
    }
    case "per second":
      return scaled(value, [
        [1e6, "million/s"],
        [1, "/s"],
      ]);
    case "percent":
      return `${digits(value)} %`;
    case "times":
      return `${digits(value)} times`;
  }
}

function targetText({ target, unit }: Finding): string {
  if (target === undefined) return "";
  return "atMost" in target ? `≤ ${format(target.atMost, unit)}` : `≥ ${format(target.atLeast, unit)}`;
}

/** How many times better or worse than the peer: of times and sizes less is better, of rates more. */
function ratioText({ measured, unit }: Finding, { value }: Peer): string {
  if (value === undefined) return "";
  const gain = unit === "per second" || unit === "bytes per second" ? measured / value : value / measured;
  return gain >= 1 ? `${digits(gain)} times better` : `${digits(1 / gain)} times worse`;
}

/** One line for the terminal. */
export function findingLine(finding: Finding): string {
  const met = isMet(finding);
  const verdict = met === undefined ? "" : `  (target ${targetText(finding)}: ${met ? "met" : "MISSED"})`;
  const peers = (finding.peers ?? [])
    .filter(({ value }) => value !== undefined)
    .map((peer) => `; ${peer.name} ${format(peer.value!, finding.unit)}, ${ratioText(finding, peer)}`);
  return `${finding.what}: ${format(finding.measured, finding.unit)}${verdict}${peers.join("")}`;
}

/** The findings of one benchmark as a Markdown table. */
export function findingTable(findings: readonly Finding[]): string {
  const rows = findings.map((finding) => {
    const met = isMet(finding);
    const peers = finding.peers ?? [];
    const peerTexts = peers.map(({ name, value }) =>
      value === undefined ? `${name}: not measured` : `${name}: ${format(value, finding.unit)}`,
    );
    return [
      finding.what,
      format(finding.measured, finding.unit),
      targetText(finding),
      met === undefined ? "" : met ? "yes" : "**no**",
      peerTexts.join("<br>"),
      peers.map((peer) => ratioText(finding, peer)).join("<br>"),
    ];
  });
  const head = ["what", "Tracelet", "target", "met", "in the same run", "Tracelet is"];
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
