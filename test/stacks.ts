/**
 * Nobody reads the stack of a refusal, and to find the sources of its lines takes long: a refusal
 * has none here. Importing it takes them away, once a worker.
 */
import { GraphQLError } from 'graphql';
import { Fault, Refusal } from '../src/base/faults.ts';

const { prepareStackTrace } = Error;
Error.prepareStackTrace = (error, frames) =>
  error instanceof Fault || error instanceof Refusal || error instanceof GraphQLError
    ? String(error)
    : prepareStackTrace?.(error, frames);
