import type { Dependency } from '@portreeve/domain';
import { entriesOf, itemsOf, member, type Spot } from '../tree.ts';
import { asBoolean, asOneOf, asText, present } from '../values.ts';

const CONDITIONS = {
  service_started: 'started',
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
} as const;
const WORDS = Object.keys(CONDITIONS) as (keyof typeof CONDITIONS)[];

export type PlacedDependency = { dependency: Dependency; at: Spot };

/** The services this one waits for at its first start. */
export const readDependencies = (service: Spot): PlacedDependency[] => {
  const spot = member(service, 'depends_on');
  return [
    ...itemsOf(spot).flatMap((at) => {
      const name = asText(at);
      return name === undefined ? [] : [{ at, dependency: dependency(name, {}) }];
    }),
    ...entriesOf(spot).map(([name, at]) => {
      const word = asOneOf(member(at, 'condition'), WORDS);
      const settings = {
        condition: word && CONDITIONS[word],
        required: asBoolean(member(at, 'required')),
        restart: asBoolean(member(at, 'restart')),
      };
      return { at, dependency: dependency(name, present(settings)) };
    }),
  ];
};

const dependency = (service: string, settings: Partial<Dependency>): Dependency => ({
  service,
  condition: 'started',
  required: true,
  restart: false,
  ...settings,
});
