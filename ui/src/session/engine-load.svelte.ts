// How hard the engine works and how often the sound broke off, at a pace that people can read.
import type { Telemetry } from '../backend/generated/api';

/** Half a second of messages: a figure that changes more often is a flicker. */
const MESSAGES = 30;

export class EngineLoad {
  /** The highest part of a block's time that was used lately, in whole percent. */
  percent = $state(0);
  dropouts = $state(0);
  #peak = 0;
  #left = 0;

  hear(telemetry: Telemetry): void {
    this.dropouts = telemetry.xruns;
    this.#peak = Math.max(this.#peak, telemetry.load);
    this.#left -= 1;
    if (this.#left > 0) return;
    this.percent = Math.round(this.#peak * 100);
    this.#peak = 0;
    this.#left = MESSAGES;
  }
}
