import { routes } from '@portreeve/contract';
import type { Operator } from '../../e2e/console/operator.ts';

export const TASKS_PER_HOST = 20;
const SERVICES = ['web', 'api', 'worker', 'cache'];
const AT_ONCE = 4;

/** An ordinary small application: four services of five tasks on one network across hosts. */
const composeOf = (image: string): string =>
  [
    'services:',
    ...SERVICES.flatMap((name) => [
      `  ${name}:`,
      `    image: ${image}`,
      '    deploy:',
      `      replicas: ${TASKS_PER_HOST / SERVICES.length}`,
      '      resources: { reservations: { cpus: "0.1", memory: 64M } }',
    ]),
  ].join('\n');

/** As many stacks of twenty tasks as there are hosts, applied a few at a time. */
export const deployStacks = async (operator: Operator, stacks: number, image: string): Promise<void> => {
  let next = 0;
  const one = async (): Promise<void> => {
    while (next < stacks) {
      const name = `app-${next}`;
      next += 1;
      await operator.call(routes.stacks.apply, {
        params: { name },
        query: { project: '/' },
        body: { application: { files: { 'compose.yaml': composeOf(image) } } },
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
};
