import { mayMove, type TaskState } from '@portreeve/domain';
import pg from 'pg';

/** Everything that a task's state ever was, written down by the database itself. */
export type History = {
  /** Moves that are not forward (I4), in words; none in a sound run. */
  backward(): Promise<string[]>;
};

const RECORD_MOVES = `
  CREATE TABLE fault_history (task uuid, was text, became text, at timestamptz DEFAULT clock_timestamp());
  CREATE FUNCTION record_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN INSERT INTO public.fault_history (task, was, became) VALUES (NEW.id, OLD.state, NEW.state); RETURN NEW; END $$;
  CREATE TRIGGER record_move AFTER UPDATE OF state ON "Task"
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION record_move();`;

/** Begins to write down every move of every task of the database that its owner's URL names. */
export const recordHistory = async (ownerUrl: string): Promise<History> => {
  const ask = async (statement: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: ownerUrl });
    await client.connect();
    return client
      .query(statement)
      .then(({ rows }) => rows)
      .finally(() => client.end());
  };
  await ask(RECORD_MOVES);
  return {
    backward: async () => {
      const rows = await ask('SELECT task, was, became FROM fault_history ORDER BY at');
      return (rows as { task: string; was: TaskState; became: TaskState }[])
        .filter(({ was, became }) => !mayMove(was, became))
        .map(({ task, was, became }) => `${task}: ${was} → ${became}`);
    },
  };
};
