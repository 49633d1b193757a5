import type { Outcome } from "../words/scan";

/** A tone: from, for (both s), Hz. */
type Tone = readonly [number, number, number];

/** The outcomes differ in rhythm, not only in pitch: one short; two slow; three low and long; up and down. */
const tunes: Record<Outcome, readonly Tone[]> = {
  go: [[0, 0.09, 1320]],
  wait: [[0, 0.16, 660], [0.28, 0.16, 660]],
  stop: [[0, 0.22, 220], [0.3, 0.22, 220], [0.6, 0.32, 196]],
  twice: [[0, 0.07, 880], [0.1, 0.07, 1175], [0.2, 0.07, 880]],
};

/** How loud each choice is. */
export const volumes = { off: 0, low: 0.08, normal: 0.25, loud: 0.7 } as const;
export type Volume = keyof typeof volumes;

let context: AudioContext | null = null;

/** Sounds an outcome, made here: no file. A computer without sound stays silent; shape, colour and words say the same. */
export function play(outcome: Outcome, volume: Volume): void {
  const gain = volumes[volume];
  if (gain === 0 || typeof AudioContext === "undefined") return;
  try {
    context ??= new AudioContext();
    void context.resume();
    for (const [start, length, hz] of tunes[outcome]) tone(context, context.currentTime + start, length, hz, gain);
  } catch {
    // No device, or none free.
  }
}

function tone(audio: AudioContext, at: number, length: number, hz: number, gain: number): void {
  const source = audio.createOscillator();
  const level = audio.createGain();
  source.type = "triangle";
  source.frequency.value = hz;
  // Without slopes a tone begins and ends with a click.
  level.gain.setValueAtTime(0, at);
  level.gain.linearRampToValueAtTime(gain, at + 0.01);
  level.gain.setValueAtTime(gain, at + length - 0.02);
  level.gain.linearRampToValueAtTime(0, at + length);
  source.connect(level).connect(audio.destination);
  source.start(at);
  source.stop(at + length);
}
