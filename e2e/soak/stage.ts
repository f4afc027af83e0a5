import { routes } from '@portreeve/contract';
import pg from 'pg';
import { embeddedUrl } from '../../apps/server/src/platform/db/embedded.ts';
import { joinHosts } from '../console/hosts.ts';
import { type Operator, signIn } from '../console/operator.ts';
import { type Product, startProduct } from '../console/product.ts';
import { type History, recordHistory } from '../faults/history.ts';
import { type Lab, startLab } from '../lab/lab.ts';

export const ROOT = { query: { project: '/' } };

/** Everything that a soak plays on: real hosts, the product as a person starts it, and a look into its database. */
export type Stage = {
  lab: Lab;
  product: Product;
  operator: Operator;
  history: History;
  /** Asks the database as its owner, on a connection of its own each time: it may just be away. */
  ask<Row>(statement: string): Promise<Row[]>;
  stop(): Promise<void>;
};

const askWith = async <Row>(connectionString: string, statement: string): Promise<Row[]> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 20_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows as Row[];
  } finally {
    await client.end();
  }
};

/** Starts all of it; `stop` leaves nothing behind. */
export const setStage = async (hosts: number): Promise<Stage> => {
  const lab = await startLab({ hosts, id: `soak${process.pid}` });
  let product: Product | undefined;
  try {
    product = await startProduct({ address: lab.bridgeAddress, env: { PORTREEVE_WEB: 'none' } });
    const started = product;
    const operator = await signIn(started, started.firstPassword ?? '');
    await joinHosts(operator, lab.hosts, lab.bridgeAddress);
    const host = lab.registry?.address ?? '';
    await operator.call(routes.registries.create, {
      ...ROOT,
      body: { host, plainHttp: true, allowPrivateAddress: true },
    });
    const url = embeddedUrl(`${started.data}/postgresql`, 'owner');
    return {
      ...{ lab, product, operator },
      history: await recordHistory(url),
      ask: (statement) => askWith(url, statement),
      stop: async () => {
        await started.stop();
        await lab.stop();
      },
    };
  } catch (error) {
    await product?.stop();
    await lab.stop();
    throw error;
  }
};
