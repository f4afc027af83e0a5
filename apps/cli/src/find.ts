import { type CallOutput, routes } from '@portreeve/contract';
import { call } from './client.ts';

type Stack = CallOutput<typeof routes.stacks.find>;
type Service = Stack['serviceList'][number];

export const findStack = (name: string, project: string): Promise<Stack> =>
  call(routes.stacks.find, { params: { name }, query: { project } });

/** `stack/service`, the way people say it. */
export const findService = async (path: string, project: string): Promise<Service> => {
  const [stackName, serviceName, ...more] = path.split('/');
  if (!stackName || !serviceName || more.length > 0)
    throw new Error(`"${path}" names no service: write stack/service, for example shop/web.`);
  const stack = await findStack(stackName, project);
  const service = stack.serviceList.find(({ name }) => name === serviceName);
  if (service) return service;
  throw new Error(
    `Stack ${stackName} has no service ${serviceName}; it has ${stack.serviceList.map(({ name }) => name).join(', ')}.`,
  );
};
