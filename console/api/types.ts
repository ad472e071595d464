/** What the company API answers, as far as screens read it. */
import type { Level } from '../session.tsx';

export interface UserStation {
  id: number;
  station_id: number;
  station_name: string;
}

export interface User {
  id: number;
  company_id: number;
  external_id: string | null;
  name: string | null;
  email: string | null;
  member_level_id: Level | null;
  status: 0 | 1;
  sms: string | null;
  phone: string | null;
  alarm_email: 0 | 1;
  alarm_sms: 0 | 1;
  alarm_voice: 0 | 1;
  timezone_pref_id: 1 | 2 | 3;
  require_password_reset: 0 | 1;
  user_stations: UserStation[];
}

export interface Paging {
  page: number;
  pages: number;
  total: number;
}

export interface Project {
  id: number;
  name: string;
  public_key: string;
  status: 0 | 1;
  created_at: string;
  updated_at: string;
}

export interface Station {
  id: number;
  project_id: number;
  name: string;
  code: string;
  reporting: number;
  ref_logger_id: number;
  status: 0 | 1;
  location: string | null;
  latitude: string;
  longitude: string;
  timezone: string;
  timezone_name: string;
  created_at: string;
  updated_at: string;
}

export interface Recipient {
  user_id: number;
  name: string | null;
  email: string | null;
  sms: string | null;
  phone: string | null;
}

export interface Channel {
  id: number;
  sensor_id: number;
  name: string;
  unit_id: number;
  scale: number;
  offset: number;
  code: number;
  status: 0 | 1;
}

export interface Sensor {
  id: number;
  station_id: number;
  name: string;
  status: 0 | 1;
  reporting: number;
  logging: number;
}

/** A live session, as GraphQL tells it. */
export interface LiveSession {
  id: string;
  label: string | null;
  createdAt: string;
  lastActiveAt: string;
  expiresAt: string;
  openedBy: 'KEY' | 'PASSWORD' | 'CODE' | 'PASSKEY' | 'SUPPORT' | null;
  client: string | null;
}

/** What to select for a LiveSession. */
export const LIVE_SESSION = 'id label createdAt lastActiveAt expiresAt openedBy client';
