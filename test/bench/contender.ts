/** What is to be known of one who is measured. */
import type { Upkeep } from './money.ts';
import type { Session, Setting } from './stage.ts';

/** A request, but for its Host. */
export interface Ask {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** What tells an answer: its status, and a text in it. */
export interface Sign {
  status: number;
  marker: string;
}

export interface Contender {
  name: string;
  /** Below `contenders/`, and what it exports. */
  file: string;
  export: string;
  bindings?: Pick<Setting, 'kv' | 'd1'>;
  vars?: Record<string, string>;
  /** What makes D1's tables. */
  schema?: 'migrations' | readonly string[];
  /** Asked through another Worker, by RPC. */
  rpc?: true;
  ask(session: Session, caller: string): Ask;
  good: Sign;
  /** Absent for the constants and the limits that refuse nobody. */
  bad?: Sign;
  /** Whether a session can be ended before its time; absent where there is none. */
  revocable?: boolean;
  kind: 'constant' | 'limit' | 'own' | 'peer';
  /** The constant that its processor time is told by, and what it cannot be faster than. */
  measure: string;
  limit?: string;
  /** Each token is shown before a measurement, so that the isolate knows it. */
  warm?: true;
  /** Rows that one D1 query of a check reads. */
  rowsPerQuery?: number;
  upkeep: Upkeep;
}
